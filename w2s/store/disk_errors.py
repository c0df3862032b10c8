"""What a file system can refuse, said in two lines."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from w2s.errors import StoreError
from w2s.types import FloatArray

IN_MEMORY = 4 * 2**30
"""Bytes of vectors that are held in memory at once: 2.8 million of 384 numbers. More of them are mapped."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT)
MISPLACED = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP, errno.ENXIO)
TOO_MANY = (errno.EMFILE, errno.ENFILE)


@contextmanager
def explain_os_errors(folder: Path) -> Iterator[None]:
    """Turn whatever the file system refuses in the store's `folder` into a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise StoreError(refusal(error, folder)) from error
    except NotImplementedError as error:  # what a lock raises where the file system has none
        raise StoreError(
            f"The file system of the store {folder} has no locks.\nChoose another folder with W2S_STORE=/folder."
        ) from error


def refusal(error: OSError, folder: Path) -> str:
    """What happened, and what to do, in two lines."""
    reason = error.strerror or str(error)
    if error.errno in FULL:
        return (
            f"The disk of the store is full ({folder}: {reason}). What was finished is kept; run it again to go on.\n"
            "Free space (python -m w2s.store prune), or choose another folder with W2S_STORE=/folder."
        )
    if error.errno in FORBIDDEN:
        return (
            f"The store {folder} cannot be written ({reason}), and not every vector is in it.\n"
            "Choose a folder of your own with W2S_STORE=/folder."
        )
    if error.errno in MISPLACED:
        place = error.filename2 or error.filename
        return (
            f"The store {folder} holds something else where its own files belong: {place} ({reason}).\n"
            "Move that away, or choose another folder with W2S_STORE=/folder."
        )
    if error.errno in TOO_MANY:
        return f"Too many files are open ({reason}).\nAllow more of them with ulimit -n 1024."
    return (
        f"The store {folder} cannot be read or written ({reason}).\nChoose a folder on another disk with W2S_STORE=/folder."
    )


def entries(folder: Path) -> list[Path]:
    """Everything directly in a folder, sorted; nothing where there is none.

    Raises:
        StoreError: the folder is there and cannot be read.
    """
    with explain_os_errors(folder):
        try:
            return sorted(folder.iterdir())
        except FileNotFoundError:
            return []


def room_for(folder: Path, rows: int, row_bytes: int) -> None:
    """Refuse to begin where `rows` more rows cannot be written.

    Raises:
        StoreError: the folder cannot be written, or the disk has too little room.
    """
    with explain_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        free, needed = shutil.disk_usage(folder).free, rows * row_bytes
    if free < needed:
        raise StoreError(
            f"{rows:,} new vectors need {needed / 1e6:,.1f} MB, and the disk of {folder} has {free / 1e6:,.1f} MB left.\n"
            "Free space (python -m w2s.store prune), or choose another folder with W2S_STORE=/folder."
        )


def numbers(n: int, d: int, *, folder: Path) -> FloatArray:
    """(n, d) float32 numbers to be written: beyond `IN_MEMORY` bytes in a file of the folder that vanishes with them.

    The system then takes pages out of memory as it needs room. Where the disk has none they are in memory all the same.
    """
    size = 4 * n * d
    if size > IN_MEMORY:
        with suppress(OSError, AttributeError), TemporaryFile(dir=folder) as stream:
            os.posix_fallocate(stream.fileno(), 0, size)  # a full disk is told here, and not by a signal later
            return np.asarray(np.memmap(stream, np.float32, mode="r+", shape=(n, d)))
    return np.empty((n, d), dtype=np.float32)
