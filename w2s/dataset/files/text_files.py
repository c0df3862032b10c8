"""Text files of tables, also packed by gzip: opened within bounds, and named by their encoding where it is not UTF-8."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from w2s.errors import DataError
from w2s.utils.files import open_regular
from w2s.utils.reading import reason

PACKED = 50
"""A gzip file that gives more bytes than this many times its own, and more than `SMALL`, is a trap and no table."""
SMALL = 2**27
DAMAGED = "Repair the file, or write it again as UTF-8 csv, jsonl or parquet."


@contextmanager
def opened_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """The text of a file, unpacked where its name ends with `.gz`.

    Raises:
        DataError: it is in another encoding, or damaged. What else can be wrong with it is raised as it comes.
    """
    try:
        with io.TextIOWrapper(_bytes(path), encoding="utf-8-sig") as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise DataError(_other_encoding(path)) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file: {reason(error)}.\n{DAMAGED}") from error


class _Bounded(io.RawIOBase):
    """The bytes of a stream, which may not be more than promised."""

    def __init__(self, stream: io.BufferedIOBase, most: int) -> None:
        self._stream, self._left = stream, most

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; a `ValueError` where there is more than promised."""
        chunk = self._stream.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError(f"it unpacks to more than {PACKED} times its size, so it is no table; unpack it by hand")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close what lies below, too."""
        self._stream.close()
        super().close()


def _bytes(path: Path) -> io.BufferedReader:
    stream = open_regular(path)
    if path.suffix.lower() != ".gz":
        return stream
    most = max(SMALL, PACKED * os.fstat(stream.fileno()).st_size)
    return io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=stream), most), buffer_size=2**20)


def _other_encoding(path: Path) -> str:
    """What a text file that is not in UTF-8 is likely to be, and how to convert it."""
    with _bytes(path) as stream:
        content = stream.read()
    told, encoding = "it is in UTF-16", "UTF-16"
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        line = next(k for k, line in enumerate(content.splitlines(), 1) if not _is_utf8(line))
        told, encoding = f"line {line} is not in UTF-8, perhaps in Latin-1", "WINDOWS-1252"
    return f"{path}: {told}.\nSave it as UTF-8, or: iconv -f {encoding} -t UTF-8 {path.name} > in_utf8{path.suffix}"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
