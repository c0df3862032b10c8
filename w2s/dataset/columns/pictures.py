"""A column of pictures: paths, or the bytes of files as tables of the hub hold them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError
from w2s.types import Picture
from w2s.utils.pictures import FilePicture, HeldPicture
from w2s.utils.text import printable

if TYPE_CHECKING:
    import pyarrow as pa


def pictures(column: pa.ChunkedArray, name: str, folder: Path) -> tuple[Picture, ...]:
    """The picture of each row; nothing is decoded.

    Args:
        column: paths from `folder`, bytes, or the hub's pairs of bytes and a path.
        name: of the column.
        folder: where paths begin.

    Raises:
        DataError: a row has no picture, or names a file that is not there.
    """
    return tuple(picture(value, f"row {row}, column '{name}'", folder) for row, value in enumerate(column.to_pylist(), 1))


def picture(value: Any, where: str, folder: Path | None) -> Picture:
    """The picture that a cell holds or names.

    Raises:
        DataError: see `pictures`.
    """
    path = value.get("path") if isinstance(value, dict) else value
    data = value.get("bytes") if isinstance(value, dict) else value
    if isinstance(data, bytes):
        return HeldPicture(f"The picture in {where}", data)
    if not isinstance(path, str) or not path or folder is None:
        raise DataError(f"{where}: there is no picture in it.\nA column of pictures holds paths, or the bytes of files.")
    place = folder / Path(path).expanduser()
    if not place.is_file():
        raise DataError(f"{where} names {printable(path)}, and there is no such file.\nPaths begin in {folder}.")
    return FilePicture(str(place))
