"""The edge at which a run writes its files: whatever the disk refuses is one clear error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from w2s.errors import W2SError
from w2s.utils.reading import bounded, reason

AGAIN = "What is finished is kept. Free space, or name another folder, and give the same command again."


@contextmanager
def writing() -> Iterator[None]:
    """Turn an error of the file system, which no one on the way has explained, into a `W2SError` that names the file."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or "a file of the run"
        raise W2SError(bounded(f"{where} cannot be read or written: {reason(error)}.\n{AGAIN}")) from error
