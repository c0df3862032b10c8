"""Content hashes of large files, remembered so that a checkpoint is read for hashing once and not for every run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from w2s.errors import StoreError
from w2s.identity import content_hash, digest
from w2s.store.disk_errors import explain_os_errors
from w2s.store.store import Store
from w2s.utils.files import read_json, write_json
from w2s.utils.reading import reading

SETTLED_SECONDS = 2.0
"""A file changed more recently than this may change again within one tick of its clock; its hash is not remembered."""

FEW = 64

State = list[str | int]
"""A file's path, size, times and inode."""


def fingerprint(store: Store, path: Path) -> str:
    """sha256 of a file's content, from memory where path, size, times and inode are as they were.

    The time of the last status change is among them: it moves when a file is replaced by another one of the same size and
    modification time. A damaged memory is no memory: it has a checksum.
    """
    return _remembered(store, str(path.resolve()), lambda: _state(path), lambda: content_hash(path))


def fingerprints(store: Store, files: Sequence[tuple[str, Path]]) -> str:
    """A digest over names and contents of files; more than `FEW` are remembered together and read again if one changed."""
    if len(files) <= FEW:
        return digest([(name, fingerprint(store, file)) for name, file in files])

    def state() -> State:
        states = [_state(file) for _, file in files]
        return [digest(states), *(max(each[k] for each in states) for k in (1, 2, 3))]

    listed = digest([(name, str(file.absolute())) for name, file in files])
    return _remembered(store, listed, state, lambda: digest([(name, content_hash(file)) for name, file in files]))


def _state(path: Path) -> State:
    status = path.stat()
    return [str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _remembered(store: Store, name: str, state: Callable[[], State], compute: Callable[[], str]) -> str:
    """What was computed when the state was the same."""
    before = state()
    memory = store.fingerprints / f"{digest(name)[:32]}.json"
    known = recall(memory)
    if known is not None and known[0] == before:
        return known[1]
    found = compute()
    settled = time.time() - max(int(before[2]), int(before[3])) / 1e9 > SETTLED_SECONDS
    if settled and state() == before:
        remember(memory, before, found)
    return found


def recall(memory: Path) -> tuple[State, str] | None:
    """The state and the sha256 that a file of the memory holds; None where there is none, or a damaged one."""
    with suppress(StoreError), reading("no memory", StoreError):
        known = read_json(memory, max_bytes=100_000)
        state, sha256, checksum = known["state"], known["sha256"], known["checksum"]
        return (state, sha256) if checksum == digest([state, sha256]) else None
    return None


def remember(memory: Path, state: State, sha256: str) -> None:
    """Write it down; a store that cannot be written only costs the next run the hashing."""
    with suppress(StoreError), explain_os_errors(memory.parent):
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_json(memory, {"state": state, "sha256": sha256, "checksum": digest([state, sha256])})
