"""Files read only where they are plain files of a bounded size, and written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

PARTIAL = ".partial-"
"""How the names of unfinished files begin."""
JSON_BYTES = 64 * 2**20
"""A JSON file larger than this is not read."""
JSON_DEPTH = 64
"""Lists and objects of a JSON file may be nested this deep: what reads them afterwards is recursive."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading, through links.

    Raises:
        OSError: there is none; a folder, pipe, socket or device in its place is not opened, so that nothing waits for it.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"not a regular file but a {kind_of(mode)}", str(path))
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def kind_of(mode: int) -> str:
    """What an entry of a folder is, in a word, from its `st_mode`."""
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")


def read_json(path: Path, *, max_bytes: int = JSON_BYTES) -> Any:
    """The value in a JSON file.

    Raises:
        OSError: there is no regular file, or it cannot be read.
        ValueError: it is larger than `max_bytes`, no JSON in UTF-8, nested deeper than `JSON_DEPTH`, or has half a
            surrogate pair in a text.
    """
    return parse_json(read_text(path, max_bytes=max_bytes))


def read_text(path: Path, *, max_bytes: int = JSON_BYTES) -> str:
    """The text of a small file in UTF-8.

    Raises:
        OSError: there is no regular file, or it cannot be read.
        ValueError: it is larger than `max_bytes`, or not in UTF-8.
    """
    with open_regular(path) as stream:
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ValueError(f"larger than {max_bytes / 2**20:g} MB")
    return content.decode("utf-8-sig")


def parse_json(content: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is no JSON, nested deeper than `JSON_DEPTH`, or has half a surrogate pair in a text.
    """
    try:
        value = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    check_json(value)
    return value


def check_json(value: Any) -> None:
    """Refuse what a JSON file can hold and most code cannot.

    Raises:
        ValueError: see `read_json`.
    """
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [part for outer in level for part in parts_of(outer)]
        if not level:
            return
    raise ValueError(f"nested deeper than {JSON_DEPTH} levels")


def parts_of(value: Any) -> list[Any]:
    """The values directly inside a JSON value; texts are checked on the way (a half surrogate pair is a `ValueError`)."""
    if isinstance(value, dict):
        for name in value:
            name.encode()
        return list(value.values())
    if isinstance(value, str):
        value.encode()
    return value if isinstance(value, list) else []


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it takes the name `path` when the block ends well, else it is removed.

    No two writers share a temporary name, on whatever machine they run.
    """
    partial = path.with_name(f"{PARTIAL}{secrets.token_hex(8)}-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text`; it is on the disk before the file has its name."""
    with atomic_write(path) as partial, partial.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False))


def remove(path: Path) -> None:
    """Remove whatever has this name, if anything: a file, a link (not what it leads to), a folder with all in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def file_checksum(path: Path) -> str:
    """sha256 of a file as 64 hex digits, read in pieces."""
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
