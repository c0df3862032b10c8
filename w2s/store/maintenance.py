"""What a person does with a store: check every byte, throw away what is damaged or was left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from w2s.errors import StoreError
from w2s.store.disk_errors import entries, explain_os_errors
from w2s.store.embedding_cache import odd_widths, shard_names
from w2s.store.fingerprint import recall
from w2s.store.fit_cache import NAME as FIT
from w2s.store.fitted import load_fitted
from w2s.store.generated_checkpoints import CHECKSUMS, checksums_of, damage_of
from w2s.store.listing import fits_of
from w2s.store.store import KEY_FILE, Store, read_key
from w2s.store.vector_shard import DamagedShardError, open_shard
from w2s.utils.files import PARTIAL, remove

ABANDONED_SECONDS = 3600.0
"""A temporary file this old belongs to nobody."""


def verify(store: Store) -> dict[Path, str]:
    """Read every byte of the store; what is damaged, with the reason. Nothing is changed.

    Raises:
        StoreError: a folder cannot be read.
    """
    damaged = {}
    for folder in entries(store.vectors):
        damaged.update(damaged_vectors(folder) if folder.is_dir() else {folder: "it is no folder of vectors"})
    damaged.update(damaged_checkpoints(store))
    damaged.update(damaged_fits(store))
    for path in entries(store.fingerprints):
        if not path.name.startswith(PARTIAL) and recall(path) is None:
            damaged[path] = "it is no content hash with its checksum"
    return damaged


def damaged_vectors(folder: Path) -> dict[Path, str]:
    """What is damaged among the vectors of one key, with the reason."""
    damaged, sound = {}, []
    for name in shard_names(folder):
        try:
            shard = open_shard(folder / name, folder.name)
            shard.verify()
        except DamagedShardError as damage:
            damaged[folder / name] = str(damage)
        else:
            sound.append(shard)
    for shard in odd_widths(sound):
        damaged[shard.path] = f"its vectors have {shard.width} numbers, others have not"
    if (folder / KEY_FILE).exists() and read_key(folder) is None:
        damaged[folder / KEY_FILE] = "it is not the key of these vectors"
    return damaged


def damaged_checkpoints(store: Store) -> dict[Path, str]:
    """What is damaged among generated checkpoints, with the reason."""
    folders = [path for path in entries(store.checkpoints) if not path.name.startswith(".")]
    reasons = {folder: damage_of(folder) for folder in folders if not folder.name.endswith(CHECKSUMS)}
    return {folder: reason for folder, reason in reasons.items() if reason is not None}


def damaged_fits(store: Store) -> dict[Path, str]:
    """The folders of fits that are damaged, with the reason; one under way is not."""
    damaged = {}
    for fit in fits_of(store):
        try:
            if fit.finished:
                load_fitted(fit.folder, FIT)
        except StoreError as error:
            damaged[fit.folder] = str(error)
    return damaged


def prune(store: Store, names: tuple[str, ...] = ()) -> list[Path]:
    """Delete what is damaged and what killed processes left, and all of the keys in `names`; what was deleted.

    Raises:
        StoreError: a name fits no key, or the store cannot be written.
    """
    folders = entries(store.vectors)
    keys = [*folders, *entries(store.fits)]
    damaged = verify(store)
    checksums = [checksums_of(path) for path in damaged if path.parent == store.checkpoints]
    doomed = dict.fromkeys([*damaged, *filter(os.path.lexists, checksums), *set_aside(folders), *abandoned(store)])
    for name in names:
        chosen = [folder for folder in keys if folder.name.startswith(name)]
        if len(chosen) != 1 or not name:
            raise StoreError(
                f"'{name}' fits {len(chosen)} keys of the store. Name one as `python -m w2s.store list` shows it."
            )
        doomed[chosen[0]] = None
    with explain_os_errors(store.folder):
        for path in doomed:
            remove(path)
    return list(doomed)


def set_aside(folders: list[Path]) -> Iterator[Path]:
    """The shards that were found damaged and moved out of the way."""
    for folder in folders:
        if (folder / "damaged").is_dir():
            yield from entries(folder / "damaged")


def abandoned(store: Store) -> list[Path]:
    """Temporary files and folders of writers that were killed, an hour old at least."""
    keys = [folder for folder in (*entries(store.vectors), *entries(store.fits)) if folder.is_dir()]
    places = [store.checkpoints, store.fingerprints, *keys]
    temporary = [path for place in places for path in entries(place) if path.name.startswith(PARTIAL)]
    return [path for path in temporary if is_abandoned(path)]


def is_abandoned(path: Path) -> bool:
    """Whether a temporary file is so old that nobody works on it."""
    try:
        return time.time() - path.lstat().st_mtime > ABANDONED_SECONDS
    except FileNotFoundError:
        return False
