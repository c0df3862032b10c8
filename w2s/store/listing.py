"""What a store holds, one entry for each key of vectors or of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2s.store.disk_errors import entries, explain_os_errors
from w2s.store.embedding_cache import shard_names
from w2s.store.fit_cache import NAME as FIT
from w2s.store.fitted import paths_of
from w2s.store.store import Store, read_key
from w2s.store.vector_shard import DamagedShardError, open_shard


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """What belongs to one key."""

    folder: Path
    key: dict[str, Any]
    """What determines it; empty where it cannot be read."""
    size: int
    """Bytes."""

    @property
    def name(self) -> str:
        """The beginning of the folder's name: enough to name it to `prune`."""
        return self.folder.name[:12]


@dataclass(frozen=True, kw_only=True)
class Holding(Keyed):
    """One key's vectors."""

    vectors: int
    width: int
    """d; 0 where there is no readable shard."""
    shards: int

    @property
    def checkpoint(self) -> str:
        """What made the vectors, in words."""
        return checkpoint_name(self.key)

    @property
    def settings(self) -> list[str]:
        """How the checkpoint was read, in words; prompt and number type where they are not the usual ones."""
        words = {"pooling": "{}", "layers": "layers {}", "max_tokens": "{} tokens", "dtype": "{}", "prompt": "prompt {!r}"}
        plain = {"prompt": "{text}", "dtype": "auto"}
        shown = {name: self.key[name] for name in words if name in self.key and self.key[name] != plain.get(name)}
        return [words[name].format(value) for name, value in shown.items()]


def holdings(store: Store) -> list[Holding]:
    """What the store holds, in the order of the folders' names.

    Raises:
        StoreError: a folder cannot be read.
    """
    with explain_os_errors(store.vectors):
        return [holding_of(folder) for folder in entries(store.vectors) if folder.is_dir()]


def holding_of(folder: Path) -> Holding:
    """What a key's folder holds; damaged shards count by their size alone."""
    paths = [folder / name for name in shard_names(folder)]
    shards = []
    for path in paths:
        try:
            shards.append(open_shard(path, folder.name))
        except DamagedShardError:
            continue
    return Holding(
        folder=folder,
        key=read_key(folder) or {},
        vectors=sum(len(shard.inputs) for shard in shards),
        width=shards[0].width if shards else 0,
        shards=len(paths),
        size=sum(path.lstat().st_size for path in paths),
    )


@dataclass(frozen=True, kw_only=True)
class StoredFit(Keyed):
    """One key's fit; its size includes what it keeps on the way."""

    finished: bool

    @property
    def what(self) -> str:
        """What was trained how, in words."""
        loss, recipe = self.key.get("loss"), self.key.get("recipe")
        words = [
            f"{self.key.get('train', 'unknown')} of {checkpoint_name(self.key.get('network'))}",
            f"{self.key.get('texts', '?')} texts",
            f"epochs: {recipe.get('epochs', '?')}" if isinstance(recipe, dict) else "",
            str(loss[0]) if isinstance(loss, list) and loss else "",
            f"seed {self.key.get('seed', '?')}",
            "" if self.finished else "not finished",
        ]
        return ", ".join(word for word in words if word)


def fits_of(store: Store) -> list[StoredFit]:
    """The fits that the store holds, finished or under way, in the order of the folders' names.

    Raises:
        StoreError: a folder cannot be read.
    """
    with explain_os_errors(store.fits):
        return [
            StoredFit(
                folder=folder,
                key=read_key(folder) or {},
                finished=paths_of(folder, FIT)[1].exists(),
                size=sum(path.lstat().st_size for path in folder.iterdir()),
            )
            for folder in entries(store.fits)
            if folder.is_dir()
        ]


def checkpoint_name(key: Any) -> str:
    """The checkpoint in the key of an encoder, in words."""
    made_by = key.get("checkpoint") if isinstance(key, dict) else None
    made_by = made_by if isinstance(made_by, dict) else {}
    return str(made_by.get("hub") or f"sha256 {str(made_by.get('sha256', 'unknown'))[:12]}")
