"""A folder of shelves, one for each key, and the memory of content hashes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2s.errors import StoreError, require
from w2s.identity import digest, identity
from w2s.store.disk import explain_os_errors
from w2s.store.embeddings import EmbeddingCache
from w2s.utils.files import write_json

KEY_FILE = "key.json"
FOLDER_CHARACTERS = 32
"""Hex digits of a key's digest in a folder name."""


@identity(runtime=("root",))
@dataclass(frozen=True)
class Store:
    """Where vectors of pure encoders are kept. What a value is depends on the key and the input, never on the folder."""

    root: str | None = None
    """A folder, made when first written to; None is `~/.cache/w2s/store` (`$XDG_CACHE_HOME/w2s/store` where that is set)."""

    def __post_init__(self) -> None:
        require(self.root != "", "store.root is empty: name a folder, or null for the user's cache folder.")

    @property
    def folder(self) -> Path:
        """The store's folder."""
        if self.root is not None:
            return Path(self.root).expanduser()
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "w2s" / "store"

    def check(self) -> None:
        """Refuse a root that cannot be a folder.

        Raises:
            StoreError: a file lies there, or above.
        """
        file = next((place for place in (self.folder, *self.folder.parents) if place.is_file()), None)
        if file is not None:
            raise StoreError(
                f"store.root={self.root}: {file} is a file; the store is a folder, for example W2S_STORE=/scratch/w2s."
            )

    def embeddings(self, key: Mapping[str, Any]) -> EmbeddingCache:
        """The vectors of one key; `key` is all that determines a vector beside its input."""
        return EmbeddingCache(self.embeddings_folder(key))

    def embeddings_folder(self, key: Mapping[str, Any]) -> Path:
        """Where the vectors of `key` lie."""
        return self.folder / "vectors" / digest(key)[:FOLDER_CHARACTERS]

    def write_key(self, key: Mapping[str, Any]) -> None:
        """Leave the key readable beside its vectors, for `list`."""
        folder = self.embeddings_folder(key)
        if not (folder / KEY_FILE).exists():
            with explain_os_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
                write_json(folder / KEY_FILE, dict(key))

    def all_embeddings(self) -> Iterator[tuple[dict[str, Any], EmbeddingCache]]:
        """Every key that has a folder, with its shelf; an unreadable key comes as an empty one."""
        for folder in sorted((self.folder / "vectors").glob("*")):
            try:
                key = json.loads((folder / KEY_FILE).read_text())
            except (OSError, ValueError):
                key = {}
            yield key, EmbeddingCache(folder)
