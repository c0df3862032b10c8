"""Files that are whole, or not there at all: a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PARTIAL = ".partial-"
"""How the names of unfinished files begin."""


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
