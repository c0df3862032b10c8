"""Pictures of a folder, and a column of them: paths, or the bytes of files as tables of the hub hold them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError
from w2s.identity import visible_files
from w2s.types import Picture
from w2s.utils.image_decoding import FilePicture, HeldPicture
from w2s.utils.text import printable

if TYPE_CHECKING:
    import pyarrow as pa


SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm")


def picture_names(folder: Path) -> tuple[str, ...]:
    """Paths, from the folder, of all pictures in and below it."""
    return tuple(file.relative_to(folder).as_posix() for file in visible_files(folder) if file.suffix.lower() in SUFFIXES)


def pictures(column: pa.ChunkedArray, name: str, folder: Path, file: str = "", at: int = 0) -> tuple[Picture, ...]:
    """The picture of each row; nothing is decoded.

    Args:
        column: paths from `folder`, bytes, or the hub's pairs of bytes and a path.
        name: of the column.
        folder: where paths begin.
        file: the table's, for messages.
        at: rows of it above these.

    Raises:
        DataError: a row has no picture, or names a file that is not there.
    """
    of, rows = f"{file}, " if file else "", enumerate(column.to_pylist(), at + 1)
    return tuple(picture(value, f"{of}row {row}, column '{name}'", folder) for row, value in rows)


def path_in(value: Any) -> str | None:
    """The path that a cell names; None where it holds the bytes, or no path."""
    path = value.get("path") if isinstance(value, dict) and value.get("bytes") is None else value
    return path if isinstance(path, str) else None


def picture(value: Any, where: str, folder: Path | None) -> Picture:
    """The picture that a cell holds or names.

    Raises:
        DataError: see `pictures`.
    """
    data = value.get("bytes") if isinstance(value, dict) else value
    if isinstance(data, bytes):
        return HeldPicture(f"The picture in {where}", data)
    path = path_in(value)
    if not path or folder is None:
        raise DataError(f"{where}: there is no picture in it.\nA column of pictures holds paths, or the bytes of files.")
    place = folder / Path(path).expanduser()
    if not place.is_file():
        raise DataError(f"{where} names {printable(path)}, and there is no such file.\nPaths begin in {folder}.")
    return FilePicture(str(place))
