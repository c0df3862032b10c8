"""Table files as Arrow tables: csv, tsv, jsonl, json and parquet, each mistake in a file named by its row."""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.dataset.files.text_files import DAMAGED, opened_text
from w2s.errors import DataError
from w2s.utils.files import open_regular, parse_json
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".json")
"""What can be read, the preferred one first; the text formats also with a final `.gz`."""

DELIMITERS = {".csv": ",", ".tsv": "\t"}

FIRST_LINE = 2**24
"""Characters of a text file's first line at most; of a longer one no reader could name the columns."""
VALUE_BYTES = 8
"""Memory that a value of a parquet file takes at least, about."""
WHOLE = 2**63
"""Whole numbers below it, and not below minus it, are kept in 64 bits."""


def kind(path: Path) -> str | None:
    """The suffix of `path` that says how to read it, or None where nothing can."""
    suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
    return suffix.lower() if suffix.lower() in SUFFIXES else None


def column_names(path: Path) -> tuple[str, ...]:
    """Names of a file's columns, from its first bytes alone.

    Raises:
        DataError: the file is empty or not what its suffix says.
    """
    suffix = kind(path)
    if suffix == ".json":
        return tuple(read(path).column_names)
    with _opened(path):
        if suffix == ".parquet":
            return tuple(_parquet_schema(path).names)
        with opened_text(path) as lines:
            first = next((line for line in iter(lambda: lines.readline(FIRST_LINE), "") if line.strip()), None)
        if first is None:
            raise DataError(f"{path} is empty.")
        if len(first) == FIRST_LINE:
            raise DataError(f"{path}: its first line is longer than {FIRST_LINE:,} characters; it should name the columns.")
        if suffix == ".jsonl":
            return tuple(_record(first, path, 1))
        return header(first.rstrip("\r\n"), DELIMITERS[suffix or ".csv"], path)


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    """The edge inside which a table file is read."""
    suffix = (kind(path) or path.suffix).removeprefix(".")
    with reading(f"{path} is no readable {suffix} file", DataError, DAMAGED):
        yield


def header(line: str, delimiter: str, path: Path) -> tuple[str, ...]:
    """Column names of a csv or tsv file from its first line.

    Raises:
        DataError: another character than its suffix promises separates the columns.
    """
    import csv

    names = tuple(next(csv.reader([line], delimiter=delimiter)))
    if len(names) == 1:
        other = next((mark for mark in ";\t|," if mark in line), None)
        if other is not None:
            shown = "a tab" if other == "\t" else f"'{other}'"
            raise DataError(
                f"{path}: its columns seem to be separated by {shown}. A .csv separates by a comma, a .tsv by a tab."
            )
    return names


def read(path: Path) -> pa.Table:
    """The file's rows, as its suffix says how to read them, dictionary columns decoded.

    Raises:
        DataError: the file is empty, damaged, ragged, or not what its suffix says.
    """
    suffix = kind(path)
    with _opened(path):
        if suffix == ".parquet":
            table = _read_parquet(path)
        elif suffix in DELIMITERS:
            table = _read_csv(path, DELIMITERS[suffix])
        else:
            table = _read_json(path)
        repeated = {name for name, times in Counter(table.column_names).items() if times > 1}
        if repeated:
            raise DataError(f"{path} has two columns named '{min(repeated)}'. Rename one.")
        if table.num_rows == 0:
            raise DataError(f"{path} holds no row.")
        return decoded(table)


def decoded(table: pa.Table) -> pa.Table:
    """The table with the values of dictionary columns in the place of their codes."""
    import pyarrow as pa

    for i, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(i, column.name, table.column(i).cast(column.type.value_type))
    return table


def _parquet_schema(path: Path) -> pa.Schema:
    import pyarrow.parquet as pq

    open_regular(path).close()
    return pq.read_schema(path)


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    schema = _parquet_schema(path)
    rows = pq.read_metadata(path).num_rows
    needed, there = rows * len(schema.names) * VALUE_BYTES, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > there:
        raise DataError(
            f"{path} says it has {rows:,} rows of {len(schema.names)} columns, which need {needed / 1e9:,.0f} GB;\n"
            f"this machine has {there / 1e9:,.0f} GB. Take a part of the file."
        )
    return pq.read_table(path, partitioning=None)


def _read_csv(path: Path, delimiter: str) -> pa.Table:
    from pyarrow import csv

    with opened_text(path) as lines:
        content = lines.read().encode()
    if not content.strip():
        raise DataError(f"{path} is empty.")
    header(content.lstrip().split(b"\n", 1)[0].decode().strip("\r"), delimiter, path)
    advice = f"Every row needs the header's columns; quote values that hold '{delimiter}'."
    with reading(f"{path} is no table", DataError, advice):
        return csv.read_csv(
            io.BytesIO(content),
            # One block, so that a column's type is found from all of its rows.
            read_options=csv.ReadOptions(block_size=len(content) + 1),
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        )


def _read_json(path: Path) -> pa.Table:
    with opened_text(path) as lines:
        if kind(path) == ".json":
            return columns_of(_json_rows(lines.read(), path), path)
        return columns_of((_record(line, path, i) for i, line in enumerate(lines, start=1) if line.strip()), path)


def columns_of(records: Iterable[Mapping[str, Any]], path: Path) -> pa.Table:
    """The table of `records`, in which a column may be missing here and there.

    Raises:
        DataError: a column mixes kinds of values.
    """
    import pyarrow as pa

    rows = list(records)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        _keepable(values, name, path)
        with reading(f"{path}: column '{name}' mixes kinds of values", DataError, "Give a column values of one kind."):
            columns[name] = pa.array(values)
    return pa.table(columns)


def _keepable(values: Sequence[Any], name: str, path: Path) -> None:
    """Refuse a whole number beyond 64 bits, naming its row."""
    for row, value in enumerate(values, start=1):
        if isinstance(value, int) and not -WHOLE <= value < 2 * WHOLE:
            raise DataError(
                f"{path}: column '{name}' holds a number of {len(str(value))} digits in row {row}: beyond 64 bits.\n"
                "Write it as text, or with a decimal point."
            )


def _json_rows(text: str, path: Path) -> list[Mapping[str, Any]]:
    try:
        value = parse_json(text)
    except json.JSONDecodeError:
        return [_record(line, path, i) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
    records = value if isinstance(value, list) else [value]
    if not all(isinstance(record, dict) for record in records):
        raise DataError(f"{path} holds no rows: a JSON file is a list of objects, or one object a line.")
    return records


def _record(line: str, path: Path, number: int) -> Mapping[str, Any]:
    with reading(f"{path}, line {number} is not JSON", DataError, DAMAGED):
        record = parse_json(line)
    if not isinstance(record, dict):
        raise DataError(
            f'{path}, line {number} is no JSON object: each line holds one row, as {{"text": ..., "label": ...}}.'
        )
    return record
