"""Pictures that a table names by paths, or that lie in a folder."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from w2s.dataset.columns.image_cells import path_in, picture_names
from w2s.dataset.files.formats import column_names, kind, read
from w2s.dataset.files.streams import STREAMED, tables_of
from w2s.types import ColumnRoles

ROWS_AT_ONCE = 2**16
IMAGE = "image"
"""Column of pictures where none is named."""


def pictures_of_tables(settings: Mapping[str, Any]) -> Iterator[Path]:
    """The pictures that the tables at `path`, a file, a pattern or a folder of them, name in the column `image`."""
    place, image = Path(str(settings.get("path") or "")).expanduser(), str(settings.get("image") or IMAGE)
    tables = sorted(place.iterdir()) if place.is_dir() else sorted(map(Path, glob.glob(str(place))))  # noqa: PTH207 - it may be absolute
    for table in tables:
        if table.is_file() and kind(table) is not None:
            yield from named_pictures(table, image)


def named_pictures(place: Path, image: str) -> Iterator[Path]:
    """The files of the pictures that a folder holds, or that the column `image` of a table names: of those that exist.

    A table that holds the files' bytes names none. The column is read piece by piece.
    """
    if place.is_dir():
        yield from (place / name for name in picture_names(place))
        return
    if image not in column_names(place):
        return
    streamed = kind(place) in STREAMED
    tables = tables_of(place, [image], ColumnRoles(), 0, ROWS_AT_ONCE) if streamed else iter([read(place)])
    for table in tables:
        values = table.column(image).to_pylist()
        if path_in(values[0]) is None:
            return
        places = (place.parent / Path(path).expanduser() for value in values if (path := path_in(value)))
        yield from (file for file in places if file.is_file())
