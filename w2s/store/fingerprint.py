"""Content hashes of large files, remembered so that a checkpoint is read for hashing once and not for every run."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

from w2s.errors import StoreError
from w2s.identity import content_hash, digest
from w2s.store.disk import explain_os_errors
from w2s.store.store import Store
from w2s.utils.files import write_json

SETTLED_SECONDS = 2.0
"""A file changed more recently than this may change again within one tick of its clock; its hash is not remembered."""


def fingerprint(store: Store, path: Path) -> str:
    """sha256 of a file's content, from memory where path, size, times and inode are as they were.

    The time of the last status change is among them: it moves when a file is replaced by another one of the same size and
    modification time.
    """
    status = path.stat()
    state = [str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    memory = store.folder / "fingerprints" / f"{digest(state[0])[:32]}.json"
    known = recall(memory)
    if known.get("state") == state:
        return str(known["sha256"])
    found = content_hash(path)
    settled = time.time() - max(status.st_mtime, status.st_ctime) > SETTLED_SECONDS
    if settled and path.stat().st_mtime_ns == status.st_mtime_ns:
        remember(memory, {"state": state, "sha256": found})
    return found


def recall(memory: Path) -> dict[str, object]:
    """What is remembered, or nothing."""
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) and "sha256" in known else {}


def remember(memory: Path, value: dict[str, object]) -> None:
    """Write it down; a store that cannot be written only costs the next run the hashing."""
    with suppress(StoreError), explain_os_errors(memory.parent):
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_json(memory, value)
