"""What a person does with a store: see what is in it, check every byte, throw away."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2s.errors import StoreError
from w2s.store.disk import explain_os_errors
from w2s.store.shard import SUFFIX, DamagedShardError, open_shard
from w2s.store.store import Store

ABANDONED_SECONDS = 3600.0
"""A temporary file this old belongs to nobody."""


@dataclass(frozen=True)
class Holding:
    """One key's vectors."""

    folder: Path
    key: dict[str, Any]
    """What determines the vectors; empty where it cannot be read."""
    vectors: int
    width: int
    """d; 0 where there is no readable shard."""
    shards: int
    size: int
    """Bytes."""
    damaged: tuple[Path, ...]
    """Shards that were found damaged and set aside."""

    @property
    def name(self) -> str:
        """The beginning of the folder's name: enough to name it to `prune`."""
        return self.folder.name[:12]

    @property
    def checkpoint(self) -> str:
        """What made the vectors, in words."""
        made_by = self.key.get("checkpoint", {})
        return str(made_by.get("hub") or f"sha256 {made_by.get('sha256', 'unknown')[:12]}")

    @property
    def settings(self) -> list[str]:
        """How the checkpoint was read, in words; prompt and number type where they are not the usual ones."""
        words = {"pooling": "{}", "layers": "layers {}", "max_tokens": "{} tokens", "dtype": "{}", "prompt": "prompt {!r}"}
        plain = {"prompt": "{text}", "dtype": "auto"}
        shown = {name: self.key[name] for name in words if name in self.key and self.key[name] != plain.get(name)}
        return [words[name].format(value) for name, value in shown.items()]


def holdings(store: Store) -> list[Holding]:
    """What the store holds, one entry for each key."""
    found = []
    for key, shelf in store.all_embeddings():
        shards = []
        paths = sorted(shelf.folder.glob(f"*{SUFFIX}"))
        for path in paths:
            try:
                shards.append(open_shard(path))
            except DamagedShardError:
                continue
        found.append(
            Holding(
                folder=shelf.folder,
                key=key,
                vectors=sum(len(shard.inputs) for shard in shards),
                width=shards[0].width if shards else 0,
                shards=len(paths),
                size=sum(path.stat().st_size for path in paths),
                damaged=tuple(sorted((shelf.folder / "damaged").glob(f"*{SUFFIX}"))),
            )
        )
    return found


def verify(store: Store) -> dict[Path, str]:
    """Read every byte of every shard; the damaged ones with the reason. Nothing is changed."""
    damaged = {}
    for holding in holdings(store):
        for path in sorted(holding.folder.glob(f"*{SUFFIX}")):
            try:
                open_shard(path).verify()
            except DamagedShardError as damage:
                damaged[path] = str(damage)
    return damaged


def prune(store: Store, names: tuple[str, ...] = ()) -> list[Path]:
    """Delete damaged shards and what killed processes left, and all vectors of the keys in `names`; what was deleted.

    Raises:
        StoreError: a name fits no key, or the store cannot be written.
    """
    doomed = [*verify(store), *(path for holding in holdings(store) for path in holding.damaged), *abandoned(store)]
    for name in names:
        chosen = [holding.folder for holding in holdings(store) if holding.folder.name.startswith(name)]
        if len(chosen) != 1 or not name:
            raise StoreError(
                f"'{name}' fits {len(chosen)} keys of the store. Name one as `python -m w2s.store list` shows it."
            )
        doomed += chosen
    with explain_os_errors(store.folder):
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return doomed


def abandoned(store: Store) -> list[Path]:
    """Temporary files and folders of writers that were killed, an hour old at least."""
    temporary = list(store.folder.glob("**/.partial-*"))
    return [path for path in temporary if time.time() - path.stat().st_mtime > ABANDONED_SECONDS]
