"""Checkpoints: the weights, configuration and tokenizer of a pretrained network, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from w2s.errors import ModelError
from w2s.identity import digest
from w2s.model.checkpoint.config_json import read_config
from w2s.model.checkpoint.file_checks import check_folder, check_reader, content_files
from w2s.store import Store
from w2s.store.fingerprint import fingerprint
from w2s.types import Column
from w2s.utils.reading import located


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

    def pinned(self, store: Store) -> Checkpoint:
        """The same checkpoint, by a name that stands for this content alone: for a model that is saved."""
        ...

    def fetch(self, store: Store) -> Path:
        """A folder with the files, downloaded or made where they are not there yet."""
        ...


@dataclass(frozen=True)
class FolderCheckpoint:
    """A checkpoint that lies in a folder."""

    path: str
    sha256: str | None = None
    """The content that it must have; None where any will do."""
    reads: Column = "texts"
    """Or `images`: whether a tokenizer or an image processor belongs to it."""

    def check(self) -> None:
        """See whether the folder holds a checkpoint that may be read."""
        check_folder(self.folder, self.path, self.reads)
        check_reader(self.folder, self.path, self.reads)

    def config(self) -> dict[str, Any]:
        """The configuration in the folder."""
        check_folder(self.folder, self.path, self.reads)
        return read_config(self.folder, self.path)

    def identify(self, store: Store) -> dict[str, str]:
        """The hash of every file that can enter a vector.

        Raises:
            ModelError: the folder holds no checkpoint, or another one than the one that a saved model was fitted with.
        """
        check_folder(self.folder, self.path, self.reads)
        found = folder_fingerprint(self.folder, store, self.path)
        if self.sha256 not in (None, found):
            raise ModelError(
                f"checkpoint={self.path} has changed: a model was fitted with other files in this folder.\n"
                "Put them back, or fit the model again."
            )
        return {"sha256": found}

    def pinned(self, store: Store) -> FolderCheckpoint:
        """The folder by its full path, with the content it has now."""
        return FolderCheckpoint(str(self.folder.resolve()), **self.identify(store), reads=self.reads)

    def fetch(self, store: Store) -> Path:  # noqa: ARG002
        """The folder itself."""
        return self.folder

    @property
    def folder(self) -> Path:
        """The folder, with `~` resolved."""
        return folder_named(self.path)


def folder_named(path: str) -> Path:
    """The folder that a user means, `~` resolved.

    Raises:
        ModelError: nothing can have that name, or this user may not look.
    """
    return located(path, "checkpoint", ModelError)


def folder_fingerprint(folder: Path, store: Store, name: str) -> str:
    """sha256 over names and contents of exactly the files of a checkpoint that are loaded."""
    return digest([(file, fingerprint(store, folder / file)) for file in content_files(folder, name)])
