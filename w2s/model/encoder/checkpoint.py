"""Checkpoints in folders: what they are, and everything that can be wrong with them, seen before anything is loaded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from w2s.errors import ModelError
from w2s.identity import digest
from w2s.store import Store
from w2s.store.fingerprint import fingerprint

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "sentencepiece.bpe.model")
NOT_READ = (".md", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".onnx", ".msgpack", ".gguf", ".ot", ".png", ".jpg", ".pdf")
"""Files of these kinds never enter a vector, so they are no part of a checkpoint's content."""


class Checkpoint(Protocol):
    """The weights, configuration and tokenizer of a pretrained network."""

    def check(self) -> None:
        """See within seconds, and without loading anything, whether the checkpoint can be had.

        Raises:
            ModelError: it cannot.
        """
        ...

    def config(self) -> dict[str, Any] | None:
        """Its config.json; None where it would have to be downloaded first."""
        ...

    def identify(self, store: Store) -> dict[str, str]:
        """What the checkpoint is: the hash of its content, or its commit. The same for equal content, wherever it lies."""
        ...

    def fetch(self, store: Store) -> Path:
        """A folder with the files, downloaded or made where they are not there yet."""
        ...


@dataclass(frozen=True)
class FolderCheckpoint:
    """A checkpoint that lies in a folder."""

    path: str

    def check(self) -> None:
        """See whether the folder holds a checkpoint that may be read."""
        check_folder(self.folder, self.path)

    def config(self) -> dict[str, Any]:
        """The configuration in the folder."""
        check_folder(self.folder, self.path)
        return read_config(self.folder, self.path)

    def identify(self, store: Store) -> dict[str, str]:
        """The hash of every file that can enter a vector."""
        check_folder(self.folder, self.path)
        return {"sha256": folder_fingerprint(self.folder, store)}

    def fetch(self, store: Store) -> Path:  # noqa: ARG002
        """The folder itself."""
        return self.folder

    @property
    def folder(self) -> Path:
        """The folder, with `~` resolved."""
        return Path(self.path).expanduser()


def folder_fingerprint(folder: Path, store: Store) -> str:
    """sha256 over names and contents of the files of a checkpoint; documentation and other frameworks' weights left out."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    read = [file for file in files if file.suffix.lower() not in NOT_READ]
    return digest([(file.name, fingerprint(store, file)) for file in read])


def check_folder(folder: Path, name: str) -> None:
    """Refuse what is not a checkpoint, is incomplete, or would have to be unpickled.

    Args:
        folder: where the files lie.
        name: what the user calls it.

    Raises:
        ModelError: in one line, with the mend in the second.
    """
    if not folder.is_dir():
        raise ModelError(
            f"checkpoint={name}: there is no such folder.\n"
            "Name a folder with config.json, model.safetensors and a tokenizer, or a hub id such as Qwen/Qwen2.5-0.5B."
        )
    if not (folder / CONFIG).is_file():
        raise ModelError(
            f"checkpoint={name}: the folder has no {CONFIG}, so it is no checkpoint.\n"
            "Name the folder that save_pretrained wrote: it holds config.json, model.safetensors and a tokenizer."
        )
    read_config(folder, name)
    check_weights(folder, name)
    if not any((folder / file).is_file() for file in TOKENIZERS):
        raise ModelError(
            f"checkpoint={name}: the folder has no tokenizer ({', '.join(TOKENIZERS[:3])} ...).\n"
            "Save the tokenizer into it with save_pretrained."
        )


def check_weights(folder: Path, name: str) -> None:
    """Refuse weights that are missing, incomplete or pickled.

    Raises:
        ModelError: see `check_folder`.
    """
    if (folder / WEIGHTS).is_file():
        return
    if (folder / WEIGHTS_INDEX).is_file():
        wanted = set(read_json(folder / WEIGHTS_INDEX, name).get("weight_map", {}).values())
        absent = sorted(file for file in wanted if not (folder / file).is_file())
        if wanted and not absent:
            return
        raise ModelError(
            f"checkpoint={name}: {len(absent)} weight files are missing, the first is {absent[:1] or 'unnamed'}."
        )
    pickled = sorted(file.name for pattern in PICKLES for file in folder.glob(pattern))
    if pickled:
        raise ModelError(
            f"checkpoint={name}: its weights are a pickle ({pickled[0]}), which can run any code when opened; refused.\n"
            "Use a revision with model.safetensors, or load one that you trust elsewhere and save_pretrained it."
        )
    raise ModelError(f"checkpoint={name}: the folder has no {WEIGHTS}. Name a folder that save_pretrained wrote.")


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """The checkpoint's config.json.

    Raises:
        ModelError: it is no JSON object, names no architecture, or is an encoder-decoder.
    """
    config = read_json(folder / CONFIG, name)
    if not config.get("model_type"):
        raise ModelError(f"checkpoint={name}: its {CONFIG} names no model_type, so its architecture is unknown.")
    if config.get("is_encoder_decoder"):
        raise ModelError(
            f"checkpoint={name}: {config['model_type']} is an encoder-decoder.\n"
            "Name a decoder-only or an encoder-only model, such as Qwen/Qwen2.5-0.5B."
        )
    return config


def read_json(path: Path, name: str) -> dict[str, Any]:
    """A JSON object of a checkpoint.

    Raises:
        ModelError: it is none.
    """
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ModelError(f"checkpoint={name}: {path.name} cannot be read as JSON ({error}).") from error
    if not isinstance(value, dict):
        raise ModelError(f"checkpoint={name}: {path.name} is no JSON object.")
    return value
