"""Content hashes of large files, remembered so that a checkpoint is read for hashing once and not for every run."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from w2s.errors import StoreError
from w2s.identity import content_hash, digest
from w2s.store.disk import explain_os_errors
from w2s.store.store import Store
from w2s.utils.files import read_json, write_json
from w2s.utils.reading import reading

SETTLED_SECONDS = 2.0
"""A file changed more recently than this may change again within one tick of its clock; its hash is not remembered."""

State = list[str | int]
"""A file's path, size, times and inode."""


def fingerprint(store: Store, path: Path) -> str:
    """sha256 of a file's content, from memory where path, size, times and inode are as they were.

    The time of the last status change is among them: it moves when a file is replaced by another one of the same size and
    modification time. A damaged memory is no memory: it has a checksum.
    """
    status = path.stat()
    state: State = [str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    memory = store.fingerprints / f"{digest(state[0])[:32]}.json"
    known = recall(memory)
    if known is not None and known[0] == state:
        return known[1]
    found = content_hash(path)
    settled = time.time() - max(status.st_mtime, status.st_ctime) > SETTLED_SECONDS
    if settled and path.stat().st_mtime_ns == status.st_mtime_ns:
        remember(memory, state, found)
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
