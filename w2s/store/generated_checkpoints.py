"""Folders of files that this package makes and can make again, each with a file of checksums beside it.

A folder is used only as it was made. A damaged one is made again, under a lock, by whoever finds it first.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from w2s.errors import StoreError
from w2s.identity import content_hash, digest
from w2s.store.disk_errors import explain_os_errors
from w2s.store.store import Store
from w2s.utils.files import PARTIAL, read_json, remove, write_json
from w2s.utils.reading import reading, reason

log = logging.getLogger(__name__)

CHECKSUMS = ".checksums.json"
"""What follows a folder's name in that of its checksums."""


def generated_folder(store: Store, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the store's generated checkpoints, every byte of it checked.

    Args:
        store: where it lies.
        name: says all that determines its content.
        make: writes its files, without folders among them, into a given folder.

    Raises:
        StoreError: it has to be made, and the store cannot be written.
    """
    from filelock import FileLock

    folder = store.checkpoints / name
    if damage_of(folder) is None:
        return folder
    with explain_os_errors(store.folder):
        store.checkpoints.mkdir(parents=True, exist_ok=True)
        with FileLock(store.checkpoints / ".lock"):
            damage = damage_of(folder)
            if damage is not None:
                if os.path.lexists(folder):
                    log.warning("%s is damaged: %s. It is made again.", folder, damage)
                make_anew(folder, make)
    return folder


def make_anew(folder: Path, make: Callable[[Path], None]) -> None:
    """Make a folder in the place of whatever is there; the lock of the folder above is held."""
    for leftover in folder.parent.glob(f"{PARTIAL}*"):
        remove(leftover)  # of a killed process: who makes one holds the lock
    made = folder.parent / f"{PARTIAL}{secrets.token_hex(8)}"
    made.mkdir()
    try:
        write_files(made, make)
        files = {path.name: content_hash(path) for path in sorted(made.iterdir())}
        remove(folder)
        made.rename(folder)
    finally:
        remove(made)
    checksums = checksums_of(folder)
    if checksums.is_dir():
        remove(checksums)
    write_json(checksums, {"files": files, "checksum": digest([folder.name, files])})


def write_files(folder: Path, make: Callable[[Path], None]) -> None:
    """Let `make` write its files.

    Raises:
        StoreError: it failed; the libraries that write them have errors of their own for a full disk.
    """
    try:
        make(folder)
    except OSError:
        raise
    except Exception as error:
        raise StoreError(
            f"The store {folder.parent} cannot take a generated checkpoint ({reason(error)}).\n"
            "Free space (python -m w2s.store prune), or choose another folder with W2S_STORE=/folder."
        ) from error


def checksums_of(folder: Path) -> Path:
    """The file of checksums of a generated folder."""
    return folder.with_name(folder.name + CHECKSUMS)


def damage_of(folder: Path) -> str | None:
    """What is wrong with a generated folder, in words; None where every byte of every file is as it was made."""
    try:
        with reading("it cannot be checked", StoreError):
            return difference(folder)
    except StoreError as error:
        return str(error)


def difference(folder: Path) -> str | None:
    """As `damage_of`, or whatever reading it raises."""
    manifest = read_json(checksums_of(folder), max_bytes=100_000)
    files = manifest["files"]
    if manifest["checksum"] != digest([folder.name, files]):
        return "its file of checksums does not match its own"
    if {path.name for path in folder.iterdir()} != set(files):
        return "files are missing in it, or were added"
    for name, expected in files.items():
        if not stat.S_ISREG((folder / name).lstat().st_mode) or content_hash(folder / name) != expected:
            return f"{name} does not match its checksum"
    return None
