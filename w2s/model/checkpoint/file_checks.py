"""Checkpoint folders: the files that make one, and everything that can be wrong with them, seen before anything is loaded.

What is loaded is what is hashed: one list of files (`content_files`) says both. The network and the tokenizer are read
from a folder of links to these files alone (`links_to`), so that no name in a configuration or an index leads elsewhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from w2s.errors import ModelError
from w2s.identity import hidden
from w2s.model.checkpoint.config_json import CONFIG, SAVE_AGAIN, TIMM, check_tokenizer_config, read_config, read_object
from w2s.utils.reading import reading

WEIGHTS = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"
WEIGHTS_SUFFIX = ".safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
ADAPTER = "adapter_config.json"
TOKENIZER = "tokenizer.json"
TOKENIZERS = (TOKENIZER, "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "sentencepiece.bpe.model")
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
NOT_READ = (
    *(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".onnx", ".msgpack", ".gguf", ".ot"),
    *(".md", ".png", ".jpg", ".pdf", ".py"),
)
"""Files of these kinds enter no vector, the weights excepted that the checkpoint names: documentation, code, and weights
that are left over or belong to other frameworks."""


def content_files(folder: Path, name: str) -> list[str]:
    """The files that make the checkpoint, as sorted names relative to its folder: what is hashed, and all that is loaded.

    Raises:
        ModelError: the weights are missing or refused.
    """
    files = [file.name for file in folder.iterdir() if file.is_file()]
    beside = [file for file in files if not file.startswith(".") and Path(file).suffix.lower() not in NOT_READ]
    return sorted({*weight_files(folder, name), *beside})


@contextmanager
def links_to(folder: Path, files: list[str]) -> Iterator[Path]:
    """A temporary folder that holds these files of `folder`, as links, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="w2s-") as place:
        view = Path(place) / folder.resolve().name
        for file in files:
            (view / file).parent.mkdir(parents=True, exist_ok=True)
            (view / file).symlink_to((folder / file).resolve())
        yield view


def check_folder(folder: Path, name: str, reads: str = "texts") -> None:
    """Refuse what is not a checkpoint, is incomplete, or would have to be unpickled.

    Args:
        folder: where the files lie.
        name: what the user calls it.
        reads: `texts`, with a tokenizer, or `images`, with an image processor.

    Raises:
        ModelError: in one line, with the remedy in the second.
    """
    with reading(f"checkpoint={name}: the folder cannot be read", ModelError):
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
        if (folder / ADAPTER).exists():
            raise ModelError(
                f"checkpoint={name}: the folder holds an adapter ({ADAPTER}), which is a part of a checkpoint.\n"
                "Merge it into its network (merge_and_unload), and save_pretrained that."
            )
        for file in weight_files(folder, name):
            check_weights(folder / file, name)
        if reads == "images":
            require_processor(folder, name)
            return
        check_tokenizer_config(folder, name)
        if not any((folder / file).is_file() for file in TOKENIZERS):
            raise ModelError(
                f"checkpoint={name}: the folder has no tokenizer ({', '.join(TOKENIZERS[:3])} ...).\n"
                "Save the tokenizer into it with save_pretrained."
            )


def require_processor(folder: Path, name: str) -> None:
    """Refuse a folder that does not say how its network reads pictures.

    Raises:
        ModelError: naming the file.
    """
    if TIMM not in read_config(folder, name) and not any((folder / file).is_file() for file in PROCESSORS):
        raise ModelError(
            f"checkpoint={name}: the folder has no image processor ({PROCESSORS[0]}), so it reads no pictures.\n"
            "Save the processor into it with save_pretrained, or name one of pictures such as facebook/dinov2-small."
        )


def check_reader(folder: Path, name: str, reads: str) -> None:
    """Parse what stands between data and network: the tokenizer, or the settings of the image processor.

    Raises:
        ModelError: it cannot be read.
    """
    if reads == "texts":
        check_tokenizer(folder, name)
        return
    require_processor(folder, name)
    for file in PROCESSORS:
        if (folder / file).is_file():
            read_object(folder / file, name)


def weight_files(folder: Path, name: str) -> list[str]:
    """The files of the weights, as sorted names relative to the folder: the one, or those that the index names.

    Raises:
        ModelError: they are missing, incomplete, pickled, or lie outside the folder.
    """
    if (folder / WEIGHTS).is_file():
        return [WEIGHTS]
    if (folder / WEIGHTS_INDEX).is_file():
        files = indexed_files(folder / WEIGHTS_INDEX, name)
        absent = [file for file in files if not (folder / file).is_file()]
        if absent:
            raise ModelError(f"checkpoint={name}: {len(absent)} weight files are missing, the first is {absent[0]!r}.")
        return files
    pickled = sorted(file.name for pattern in PICKLES for file in folder.glob(pattern))
    if pickled:
        raise ModelError(
            f"checkpoint={name}: its weights are a pickle ({pickled[0]!r}), which can run any code when opened; refused.\n"
            "Use a revision with model.safetensors, or load one that you trust elsewhere and save_pretrained it."
        )
    raise ModelError(f"checkpoint={name}: the folder has no {WEIGHTS}. Name a folder that save_pretrained wrote.")


def indexed_files(index: Path, name: str) -> list[str]:
    """The sorted names of the weight files in an index.

    Raises:
        ModelError: it is no index, or names what is not a visible safetensors file in its folder or below.
    """
    named = read_object(index, name).get("weight_map")
    if not isinstance(named, dict) or not named or not all(isinstance(file, str) for file in named.values()):
        raise ModelError(
            f"checkpoint={name}: {index.name} has no weight_map from weights to files.\n"
            "Save the checkpoint again with save_pretrained."
        )
    files = sorted(set(named.values()))
    for file in files:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts or hidden(Path(file)) or path.suffix != WEIGHTS_SUFFIX:
            raise ModelError(
                f"checkpoint={name}: {index.name} names {file[:80]!r} as weights; refused.\n"
                f"Weights are {WEIGHTS_SUFFIX} files in the folder or below it, with names that do not begin with a dot."
            )
    return files


def check_weights(file: Path, name: str) -> None:
    """Read the header of a file of weights, which says how long the file has to be.

    Raises:
        ModelError: it is no safetensors file, or a truncated one.
    """
    from safetensors import safe_open

    with (
        reading(f"checkpoint={name}: {file.name} is no whole safetensors file", ModelError, SAVE_AGAIN),
        safe_open(file, framework="np"),
    ):
        pass


def check_tokenizer(folder: Path, name: str) -> None:
    """Parse the tokenizer as the library that reads it does, without torch.

    Raises:
        ModelError: it cannot be read.
    """
    from tokenizers import Tokenizer

    if (folder / TOKENIZER).is_file():
        with reading(f"checkpoint={name}: {TOKENIZER} is no tokenizer", ModelError, SAVE_AGAIN):
            Tokenizer.from_file(str(folder / TOKENIZER))
