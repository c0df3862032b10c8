"""Table files as Arrow tables: csv, tsv, jsonl, json and parquet, each mistake in a file named by its row."""

from __future__ import annotations

import codecs
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".json")
"""What can be read, the preferred one first; the text formats also with a final `.gz`."""

DELIMITERS = {".csv": ",", ".tsv": "\t"}


def kind(path: Path) -> str | None:
    """The suffix of `path` that says how to read it, or None where nothing can."""
    suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
    return suffix.lower() if suffix.lower() in SUFFIXES else None


def column_names(path: Path) -> tuple[str, ...]:
    """Names of a file's columns, from its first bytes alone.

    Raises:
        DataError: the file is empty or not what its suffix says.
    """
    import pyarrow.parquet as pq

    suffix = kind(path)
    if suffix == ".parquet":
        with _parquet(path):
            return tuple(pq.read_schema(path).names)
    if suffix == ".json":
        return tuple(read(path).column_names)
    with _lines(path) as lines:
        first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise DataError(f"{path} is empty.")
    if suffix == ".jsonl":
        return tuple(_record(first, path, 1))
    return header(first.rstrip("\r\n"), DELIMITERS[suffix or ".csv"], path)


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
    if suffix == ".parquet":
        table = _read_parquet(path)
    elif suffix in DELIMITERS:
        table = _read_csv(path, DELIMITERS[suffix])
    else:
        table = _read_json(path)
    repeated = {name for name in table.column_names if table.column_names.count(name) > 1}
    if repeated:
        raise DataError(f"{path} has two columns named '{min(repeated)}'. Rename one.")
    if table.num_rows == 0:
        raise DataError(f"{path} holds no row.")
    return _decoded(table)


def _decoded(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for i, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(i, column.name, table.column(i).cast(column.type.value_type))
    return table


@contextmanager
def _parquet(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path} is no readable parquet file: {_first_line(error)}") from error


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with _parquet(path):
        return pq.read_table(path, partitioning=None)


def _read_csv(path: Path, delimiter: str) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    with _lines(path) as lines:
        content = lines.read().encode()
    if not content.strip():
        raise DataError(f"{path} is empty.")
    header(content.lstrip().split(b"\n", 1)[0].decode().strip("\r"), delimiter, path)
    try:
        return csv.read_csv(
            io.BytesIO(content),
            # One block, so that a column's type is found from all of its rows.
            read_options=csv.ReadOptions(block_size=len(content) + 1),
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        )
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path}: {_first_line(error)}\nEvery row needs the header's columns; quote values that hold '{delimiter}'."
        ) from error


def _read_json(path: Path) -> pa.Table:
    with _lines(path) as lines:
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
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DataError(f"{path}: column '{name}' mixes kinds of values: {_first_line(error)}") from error
    return pa.table(columns)


def _json_rows(text: str, path: Path) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return [_record(line, path, i) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
    records = value if isinstance(value, list) else [value]
    if not all(isinstance(record, dict) for record in records):
        raise DataError(f"{path} holds no rows: a JSON file is a list of objects, or one object a line.")
    return records


def _record(line: str, path: Path, number: int) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {number} is not JSON: {_first_line(error)}") from error
    if not isinstance(record, dict):
        raise DataError(
            f'{path}, line {number} is no JSON object: each line holds one row, as {{"text": ..., "label": ...}}.'
        )
    return record


def _bytes(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


@contextmanager
def _lines(path: Path) -> Iterator[io.TextIOWrapper]:
    try:
        with io.TextIOWrapper(_bytes(path), encoding="utf-8-sig") as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise DataError(_other_encoding(path)) from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise DataError(f"{path} is a damaged gzip file: {_first_line(error)}") from error


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


def _first_line(error: Exception) -> str:
    line = str(error).splitlines()[0]
    return line if len(line) <= 160 else line[:157] + "..."
