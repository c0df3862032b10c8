"""Tables read from a file piece by piece, so that memory does not grow with the file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.dataset.files.formats import DELIMITERS, SUFFIXES, column_names, columns_of, decoded, kind
from w2s.dataset.files.text_files import DAMAGED, opened_text
from w2s.errors import DataError, require
from w2s.types import ColumnRoles
from w2s.utils.files import parse_json
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import pyarrow as pa

STREAMED = tuple(suffix for suffix in SUFFIXES if suffix != ".json")
"""What can be read piece by piece."""
BLOCK_BYTES = 2**22
"""Read of a text file at a time; no row may be longer."""


def count_rows(file: Path) -> int:
    """Rows of a file: a parquet file says it, others are read through."""
    if kind(file) == ".parquet":
        import pyarrow.parquet as pq

        with reading(f"{file} is no readable parquet file", DataError, DAMAGED):
            return int(pq.read_metadata(file).num_rows)
    with reading(f"{file} is no readable table", DataError, DAMAGED):
        return sum(table.num_rows for table in _text_tables(file, column_names(file)[:1], ColumnRoles(), 2**16))


def tables_of(
    file: Path, columns: Sequence[str], roles: ColumnRoles, low: int, size: int, plain: Sequence[str] = ()
) -> Iterator[pa.Table]:
    """The columns of a file from row `low` on, in tables of any length.

    Of text files those in `plain` are what their values look like; the others are features, or texts.
    """
    import pyarrow as pa

    skip = low
    if kind(file) == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(file, buffer_size=2**20, pre_buffer=False) as opened:
            groups = [opened.metadata.row_group(k).num_rows for k in range(opened.num_row_groups)]
            ends = list(accumulate(groups))
            first = next((k for k, end in enumerate(ends) if end > low), len(groups))
            skip -= ends[first - 1] if first else 0
            for batch in opened.iter_batches(size, list(range(first, len(groups))), columns=list(columns)):
                yield from _after(pa.Table.from_batches([batch]), skip)
                skip = max(0, skip - batch.num_rows)
        return
    for table in _text_tables(file, columns, roles, size, plain):
        yield from _after(table, skip)
        skip = max(0, skip - table.num_rows)


def _after(table: pa.Table, skip: int) -> Iterator[pa.Table]:
    if table.num_rows > skip:
        yield decoded(table.slice(skip))


def _text_tables(
    file: Path, columns: Sequence[str], roles: ColumnRoles, size: int, plain: Sequence[str] = ()
) -> Iterator[pa.Table]:
    import pyarrow as pa

    if kind(file) == ".jsonl":
        with opened_text(file) as lines:
            records = (parse_json(line) for line in lines if line.strip())
            while part := list(islice(records, size)):
                yield columns_of([{name: row.get(name) for name in columns} for row in part], file)
        return
    from pyarrow import csv

    types = {name: pa.float64() if name in roles.features else pa.string() for name in columns if name not in plain}
    with opened_text(file) as lines:
        reader = csv.open_csv(
            _Encoded(lines),
            read_options=csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
            parse_options=csv.ParseOptions(delimiter=DELIMITERS[kind(file) or ".csv"], newlines_in_values=True),
            convert_options=csv.ConvertOptions(include_columns=list(columns), column_types=types),
        )
        yield from (pa.Table.from_batches([batch]) for batch in reader)


class _Encoded(io.RawIOBase):
    """A text stream as UTF-8: whatever is no UTF-8 is told by the text stream, with its line."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines, self._left = lines, b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, or all that is left: pyarrow takes what it gets for a block of its own."""
        while len(self._left) < size and (more := self._lines.read(BLOCK_BYTES)):
            self._left += more.encode()
        part, self._left = self._left[:size], self._left[size:]
        return part


def cut(tables: Iterator[pa.Table], rows: int, size: int) -> Iterator[pa.Table]:
    """The first `rows` rows in tables of `size` rows, the last one shorter: wherever a file's own blocks end."""
    import pyarrow as pa

    held: list[pa.Table] = []
    count = 0
    for table in tables:
        table, rows = table.slice(0, rows), rows - min(rows, table.num_rows)
        held.append(table)
        count += table.num_rows
        while count >= size or (rows == 0 and count):
            whole = pa.concat_tables(held, promote_options="permissive")
            yield whole.slice(0, size)
            held = [whole.slice(size)]
            count = held[0].num_rows
        if rows == 0:
            return
    require(rows == 0, "it holds fewer rows than it says.", DataError)
