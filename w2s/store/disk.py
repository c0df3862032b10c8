"""What a file system can refuse, said in one line."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from w2s.errors import StoreError

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT)


@contextmanager
def explain_os_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder into a `StoreError`."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StoreError(
                f"The disk of the store is full ({folder}). What was finished is kept; run it again to go on.\n"
                "Free space (python -m w2s.store prune), or choose another folder with W2S_STORE=/folder."
            ) from error
        if error.errno in FORBIDDEN:
            raise StoreError(
                f"The store {folder} cannot be written ({error.strerror}), and not every vector is in it.\n"
                "Choose a folder of your own with W2S_STORE=/folder."
            ) from error
        raise


def room_for(folder: Path, rows: int, row_bytes: int) -> None:
    """Refuse to begin where `rows` more rows cannot be written.

    Raises:
        StoreError: the folder cannot be written, or the disk has too little room.
    """
    with explain_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        with explain_os_errors(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    free, needed = shutil.disk_usage(folder).free, rows * row_bytes
    if free < needed:
        raise StoreError(
            f"{rows:,} new vectors need {needed / 1e6:,.1f} MB, and the disk of {folder} has {free / 1e6:,.1f} MB left.\n"
            "Free space (python -m w2s.store prune), or choose another folder with W2S_STORE=/folder."
        )
