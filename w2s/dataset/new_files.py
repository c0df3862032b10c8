"""Rows of new files, of any number and size, read piece by piece; no label is read."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import MinLen

from w2s.dataset.annotations.gather import opinions
from w2s.dataset.annotations.predictions import columns_of
from w2s.dataset.columns.classes import vote_codes
from w2s.dataset.columns.dates import periods_of
from w2s.dataset.columns.image_cells import picture_names, pictures
from w2s.dataset.columns.names import as_tuple, matching, require_columns
from w2s.dataset.columns.numbers import matrix
from w2s.dataset.columns.template import Template, texts_of
from w2s.dataset.columns.values import class_name
from w2s.dataset.files.formats import column_names, kind
from w2s.dataset.files.image_paths import IMAGE, named_pictures, pictures_of_tables
from w2s.dataset.files.streams import STREAMED, count_rows, cut, tables_of
from w2s.dataset.files.text_files import DAMAGED
from w2s.errors import DataError, require
from w2s.identity import identity
from w2s.types import ColumnRoles, Inputs, NewRows, Picture
from w2s.utils.ranges import checked
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import pyarrow as pa

PICTURES_AT_ONCE = 4_096
"""A table may hold the bytes of their files."""


@identity(content=("path", "functions"), behind=pictures_of_tables)
@dataclass(frozen=True, kw_only=True)
@checked
class NewFiles:
    """The rows of one file, of all that a pattern matches or of a folder's, one after the other, by name.

    Parquet is read by row groups, csv, tsv and jsonl by blocks: memory does not grow with the files. A folder without such
    a file is one of pictures: each of them in and below it is a row, and its path from there its id.
    """

    path: str | None = None
    """A file, a pattern such as `new/*.parquet`, or a folder."""
    text: str | None = None
    """As in `w2s.dataset.table.Table`; what is not named is read as the run read its own table."""
    image: str | None = None
    """Column of pictures; the usual name stands for the one that the run read."""
    features: Annotated[str | Sequence[str], MinLen(1)] | None = None
    votes: str | Sequence[str] = ()
    source: str | None = None
    id: str | None = None
    predictions: str | None = None
    functions: str | None = None
    """A Python file of labelling functions: the one that the run read, which is not kept with it."""
    date: str | None = None
    """Column of dates, ISO texts or timestamps, whose months are told apart."""

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files, by name.

        Raises:
            ConfigError: there is none, or one of a kind that is not streamed.
        """
        given = self.path or ""
        require(bool(given), "study=apply reads new files: say dataset=table dataset.path=FILE (or 'new/*.parquet').")
        place = Path(given).expanduser()
        if place.is_dir():
            found = [file for file in place.iterdir() if kind(file) in STREAMED and not file.name.startswith(".")]
            found = found or ([place] if picture_names(place) else [])
        else:
            found = [place] if place.is_file() else [Path(name) for name in glob.glob(str(place))]  # noqa: PTH207 - it may be absolute
        require(bool(found), f"path={given}: there is no such file.")
        odd = next((file for file in found if not file.is_dir() and kind(file) not in STREAMED), None)
        require(odd is None, f"path={odd}: new rows are read from {', '.join(STREAMED)}.")
        return tuple(sorted(found))

    def roles(self, known: ColumnRoles | None) -> ColumnRoles:
        """Which columns are read: those that are named, else the ones that the run read."""
        roles = known or ColumnRoles()
        named = {
            name: value for name in ("text", "source", "id", "predictions") if (value := getattr(self, name)) is not None
        }
        for name in ("features", "votes"):
            if getattr(self, name):
                named[name] = matching(as_tuple(getattr(self, name)), _columns(self.files[0]))
        if self.image is not None and (self.image != IMAGE or roles.image is None):
            named["image"] = self.image
        if self.files[0].is_dir():
            named |= {"image": IMAGE, "id": IMAGE, "source": None}
        return replace(roles, **named)

    def expect(self, roles: ColumnRoles) -> None:
        """Refuse files that lack a column, by their headers alone.

        Raises:
            DataError: naming the file and the column.
        """
        for file in self.files:
            there = _columns(file)
            for setting, wanted in _wanted(roles):
                require_columns(wanted, there, file.name, setting=setting)
            if self.date is not None:
                require_columns([self.date], there, file.name)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each file: a parquet file says it, others are read through once."""
        return tuple(len(picture_names(file)) if file.is_dir() else count_rows(file) for file in self.files)

    def state(self, roles: ColumnRoles) -> list[tuple[str, int, int | str]]:
        """(name, bytes, time of the last change in ns) of each file: whether it is the same as before.

        The pictures of a folder, and those that a file names, are one more, with a hash over the names, sizes and times.
        """
        stats = [(file.name, file.stat()) for file in self.files if not file.is_dir()]
        found: list[tuple[str, int, int | str]] = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
        seen = self.files if roles.image is not None else ()
        return found + [_pictures_state(file, roles.image or IMAGE) for file in seen]

    def rows(self, roles: ColumnRoles, start: int, stop: int, size: int) -> Iterator[NewRows]:
        """Rows `start` to `stop`, not included, of all files counted through; at most `size` at a time, never of two files.

        Raises:
            DataError: a file is damaged or a value no such thing; named by file and row.
        """
        ends = list(accumulate(self.sizes, initial=0))
        size = size if roles.image is None else min(size, PICTURES_AT_ONCE)
        for file, (first, last) in zip(self.files, pairwise(ends), strict=True):
            low, high = max(start, first) - first, min(stop, last) - first
            if low < high:
                with reading(f"{file} is no readable table", DataError, DAMAGED):
                    yield from self._of_file(file, roles, low, high, size)

    def _of_file(self, file: Path, roles: ColumnRoles, low: int, high: int, size: int) -> Iterator[NewRows]:
        whole = _columns(file) if self.functions is not None else ()  # a function may read any column
        settled = [*(name for _, names in _wanted(roles) for name in names), *as_tuple(self.date)]
        columns = tuple(dict.fromkeys([*settled, *whole]))
        said = dict(_wanted(roles))
        plain = {*said["votes"], *said["predictions"], *(set(whole) - set(settled))}
        folder, at = file if file.is_dir() else file.parent, low
        tables = _listed(file, low) if file.is_dir() else tables_of(file, columns, roles, low, size, tuple(plain))
        for table in cut(tables, high - low, size):
            seen = None
            if roles.image is not None:
                seen = pictures(table.column(roles.image), roles.image, folder, file.name, at)
            with _from_row(file, at):
                yield self._new_rows(table, roles, seen, f"{file.stem}:" if len(self.files) > 1 else "", at)
            at += table.num_rows

    def _new_rows(
        self, table: pa.Table, roles: ColumnRoles, seen: tuple[Picture, ...] | None, prefix: str, at: int
    ) -> NewRows:
        import pyarrow as pa
        import pyarrow.compute as pc

        if roles.id is None:
            numbers = pc.cast(pa.array(np.arange(at + 1, at + table.num_rows + 1)), pa.string())
            ids = pc.binary_join_element_wise(f"{prefix}row-", numbers, "")
        else:
            ids = table.column(roles.id)
        dates = None if self.date is None else periods_of(table.column(self.date), self.date)
        sources = None if roles.source is None else pc.fill_null(pc.cast(table.column(roles.source), pa.string()), "")
        return NewRows(replace(_inputs(table, roles, self.functions), images=seen), ids, sources, dates)


def _columns(file: Path) -> tuple[str, ...]:
    """Names of a file's columns, from its header."""
    return (IMAGE,) if file.is_dir() else column_names(file)


def _listed(folder: Path, low: int) -> Iterator[pa.Table]:
    """The pictures of a folder from the one at `low` on."""
    import pyarrow as pa

    yield pa.table({IMAGE: picture_names(folder)[low:]})


def _pictures_state(file: Path, image: str) -> tuple[str, int, str]:
    size, told = 0, hashlib.sha256()
    for picture in named_pictures(file, image):
        stat = picture.stat()
        size += stat.st_size
        told.update(f"{picture}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode())
    return f"pictures of {file.name}", size, told.hexdigest()


def _wanted(roles: ColumnRoles) -> list[tuple[str, tuple[str, ...]]]:
    """(setting, columns) of all that is read."""
    texts = () if roles.text is None else Template(roles.text).fields
    said = () if roles.predictions is None else columns_of(roles.predictions, class_names(roles))
    single = [(name, as_tuple(getattr(roles, name))) for name in ("image", "source", "id")]
    return [("text", texts), ("features", roles.features), ("votes", roles.votes), ("predictions", said), *single]


def class_names(roles: ColumnRoles) -> tuple[str, ...]:
    """Of the C classes."""
    return tuple(map(class_name, roles.labels))


def _inputs(table: pa.Table, roles: ColumnRoles, functions: str | None) -> Inputs:
    """What models read of the rows."""
    # Row after row in memory, as the run had them: the last bits of products depend on it.
    features = np.ascontiguousarray(matrix(table, roles.features)) if roles.features else None
    votes = vote_codes(table, roles.votes, roles.labels) if roles.votes else None
    texts, classes = texts_of(table, roles.text), class_names(roles)
    said, _ = opinions(votes, lambda: table, texts, classes, predicted=roles.predictions, functions=functions)
    return Inputs(features=features, texts=texts, **said)


@contextmanager
def _from_row(file: Path, at: int) -> Iterator[None]:
    """Messages that count rows from the first of a piece say so."""
    try:
        yield
    except DataError as error:
        counted = f" (rows counted from row {at:,} on)" if at else ""
        raise DataError(f"{file.name}{counted}: {error}") from error
