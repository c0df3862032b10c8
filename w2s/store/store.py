"""The store's folder: the vectors of each key, generated checkpoints, and the memory of content hashes."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen

from w2s.errors import StoreError
from w2s.identity import digest, identity
from w2s.store.disk_errors import explain_os_errors
from w2s.store.embedding_cache import EmbeddingCache
from w2s.utils.files import kind_of, read_json, write_json
from w2s.utils.ranges import checked
from w2s.utils.reading import reading

KEY_FILE = "key.json"
FOLDER_CHARACTERS = 32
"""Hex digits of a key's digest in a folder name."""


@identity(runtime=("root", "keeps"))
@dataclass(frozen=True)
@checked
class Store:
    """Where vectors of pure encoders are kept. What a value is depends on the key and the input, never on the folder."""

    root: Annotated[str, MinLen(1)] | None = None
    """A folder, made when first written to; None is `~/.cache/w2s/store` (`$XDG_CACHE_HOME/w2s/store` where that is set)."""
    keeps: bool = True
    """Whether new vectors are kept; else those that are there are read, the others computed and given away."""

    @property
    def folder(self) -> Path:
        """The store's folder.

        Raises:
            StoreError: its name begins with `~` and a user who has no folder.
        """
        root = self.root or str(Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "w2s" / "store")
        try:
            return Path(root).expanduser()
        except RuntimeError as error:
            raise self._refusal(f"the folder of that user is not known ({error})") from error

    @property
    def vectors(self) -> Path:
        """The folder of the vectors, with a folder for each key."""
        return self.folder / "vectors"

    @property
    def fits(self) -> Path:
        """The folder of fitted networks, with a folder for each key."""
        return self.folder / "fits"

    @property
    def checkpoints(self) -> Path:
        """The folder of generated checkpoints."""
        return self.folder / "checkpoints"

    @property
    def fingerprints(self) -> Path:
        """The folder of the memory of content hashes."""
        return self.folder / "fingerprints"

    def check(self) -> None:
        """Refuse a root that cannot be a folder.

        Raises:
            StoreError: something else lies there or above, or where its own folders belong, or nothing can lie there.
        """
        for place in (self.vectors, self.fits, self.checkpoints, self.fingerprints, *self.vectors.parents):
            try:
                mode = place.stat().st_mode
            except (FileNotFoundError, NotADirectoryError) as error:
                if place.is_symlink():
                    raise self._refusal(f"{place} is a link that leads nowhere") from error
            except (OSError, ValueError) as error:
                raise self._refusal(f"it cannot be a folder ({getattr(error, 'strerror', None) or error})") from error
            else:
                if not stat.S_ISDIR(mode):
                    raise self._refusal(f"{place} is a {kind_of(mode)}")

    def _refusal(self, reason: str) -> StoreError:
        root = self.root if self.root is not None and self.root.isprintable() else repr(self.root)
        return StoreError(f"store.root={root}: {reason}; the store is a folder, for example W2S_STORE=/scratch/w2s.")

    def embeddings(self, key: Mapping[str, Any]) -> EmbeddingCache:
        """The vectors of one key; `key` is all that determines a vector beside its input."""
        return EmbeddingCache(self.embeddings_folder(key), keeps=self.keeps)

    def embeddings_folder(self, key: Mapping[str, Any]) -> Path:
        """Where the vectors of `key` lie."""
        return self.vectors / digest(key)[:FOLDER_CHARACTERS]

    def fit_folder(self, key: Mapping[str, Any]) -> Path:
        """Where the fit of `key` lies."""
        return self.fits / digest(key)[:FOLDER_CHARACTERS]


def write_key(folder: Path, key: Mapping[str, Any]) -> None:
    """Leave the key readable beside what belongs to it, for `list`."""
    if read_key(folder) is None:
        with explain_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_json(folder / KEY_FILE, dict(key))


def read_key(folder: Path) -> dict[str, Any] | None:
    """The key that is written beside its vectors; None where it is missing, or not the one that the folder is named by."""
    with suppress(StoreError), reading("no key", StoreError):
        key = read_json(folder / KEY_FILE, max_bytes=1_000_000)
        return key if isinstance(key, dict) and digest(key)[:FOLDER_CHARACTERS] == folder.name else None
    return None
