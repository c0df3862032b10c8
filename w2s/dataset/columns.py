"""What a column of a table becomes: features, labels, texts, names, votes. Every flaw is named by column and row."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.errors import DataError, require, suggestion
from w2s.types import FloatArray, IntArray, StrArray, as_names
from w2s.utils.text import printable

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 12
"""Column names that a message lists at most."""

LONGEST_NAME = 40
"""Characters of a column's name that a message shows."""

FEW = 20
"""So many classes are never too many for a file, however short."""

LARGEST_WHOLE = 2**53
"""Beyond it not every whole number is a float."""

PRECISION = re.compile(r"(\.\d{1,6})?")
"""What may follow a column's name in a template: how many characters of the value are shown."""

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE | re.ASCII)

LARGEST = 1e100
"""Largest absolute value of a feature: sums of its squares, and products of two, stay finite."""


@dataclass(frozen=True)
class Template:
    """How a text comes out of a row: a column's name, or a text with columns in braces such as `{passage} {claim}`."""

    pattern: str

    def __post_init__(self) -> None:
        try:
            fields = self.fields
        except ValueError as error:
            require(False, f"text='{self.pattern}': {error}. Write columns in braces, and a literal brace twice.")  # noqa: FBT003
            raise
        plain = [field for field in fields if field == "" or set(field) & set(".[")]
        odd = next((f":{how}" for how in self._specifications if not PRECISION.fullmatch(how)), "")
        require(not odd, f"text='{self.pattern}': '{odd[:40]}' cannot follow a column's name; {{name:.200}} can.")
        require(not plain, f"text='{self.pattern}': braces hold one column's name, as in '{{question}} {{answer}}'.")

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Columns that the text is made of, each once."""
        found = [name for _, name, _, _ in string.Formatter().parse(self.pattern) if name is not None]
        return tuple(dict.fromkeys(found)) if found else (self.pattern,)

    @property
    def _specifications(self) -> list[str]:
        """What follows each column's name after a colon or an exclamation mark."""
        parts = string.Formatter().parse(self.pattern)
        return [f"{width or ''}{'!' + how if how else ''}" for _, name, width, how in parts if name is not None]

    def render(self, row: Mapping[str, Any]) -> str:
        """The text of one row; a missing value is empty, a list stands line by line."""
        values = {name: _text(row[name]) for name in self.fields}
        return self.pattern.format_map(values) if "{" in self.pattern else values[self.pattern]


def require_columns(wanted: Iterable[str], columns: Sequence[str], where: str, *, setting: str = "") -> None:
    """Refuse a column that is not there, with the nearest one that is.

    Raises:
        DataError: naming the column, the nearest name and the file's columns.
    """
    for name in wanted:
        if name not in columns:
            asked = f" (dataset.{setting}={name})" if setting else ""
            listed = ", ".join(printable(known, LONGEST_NAME) for known in columns[:SHOWN])
            listed += f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
            raise DataError(f"{where} has no column '{name}'{asked}.{suggestion(name, columns)}\nIts columns: {listed}.")


def as_tuple(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name, several or none, as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names or ())


def matching(patterns: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Columns named by `patterns`, in the order given; a pattern with `*` stands for all it matches, or for itself."""
    found = [
        name
        for pattern in patterns
        for name in ([c for c in columns if fnmatchcase(c, pattern)] if "*" in pattern else ()) or (pattern,)
    ]
    return tuple(dict.fromkeys(found))


def class_codes(column: pa.ChunkedArray, name: str) -> tuple[IntArray, tuple[str, ...], tuple[Any, ...]]:
    """(n,) codes of a label column, the names of its C classes in ascending order, and their values as they stand there.

    Raises:
        DataError: a label is missing or of no plain kind, there is one class only, or nearly every row has its own.
    """
    _no_gaps(column, name, "Give every row a label, or remove the row.")
    values = column.to_pylist()
    try:
        distinct = sorted(set(values))
    except TypeError as error:
        raise DataError(f"column '{name}' holds {column.type}: a label is a number, a word or a truth value.") from error
    names = tuple(class_name(value) for value in distinct)
    if len(distinct) == 1:
        raise DataError(
            f"Every row has the label '{names[0]}' in column '{name}': there is nothing to learn.\n"
            "A data set needs points of at least two classes."
        )
    if len(distinct) > max(FEW, len(values) // 2):
        raise DataError(
            f"column '{name}' holds {len(distinct):,} different values in {len(values):,} rows: too many for classes.\n"
            "Name the label column (dataset.label=...), or cut a number into classes."
        )
    code = {value: k for k, value in enumerate(distinct)}
    return np.array([code[value] for value in values], dtype=np.int64), names, tuple(distinct)


def matrix(table: pa.Table, names: Sequence[str]) -> FloatArray:
    """(n, d) the numeric columns `names`; a column of equally long lists gives as many features as a list has numbers.

    Raises:
        DataError: a value is missing, not finite, beyond `LARGEST` or no number, or lists differ in length.
    """
    blocks = [_block(table.column(name), name) for name in names]
    for name, block in zip(names, blocks, strict=True):
        bad = ~np.isfinite(block).all(axis=1)
        if bad.any():
            raise DataError(
                f"column '{name}' holds no finite number in row {int(np.argmax(bad)) + 1} ({int(bad.sum()):,} such rows).\n"
                "Fill the gaps or remove the rows; rows are counted from 1 below the header."
            )
        row = int(np.argmax(np.abs(block).max(axis=1)))
        largest = block[row, np.argmax(np.abs(block[row]))]
        if abs(largest) > LARGEST:
            raise DataError(
                f"column '{name}' holds {largest:g} in row {row + 1}: beyond {LARGEST:g} a number has no square.\n"
                "Correct the value or remove the row; rows are counted from 1 below the header."
            )
    return np.concatenate(blocks, axis=1)


def label_copies(features: FloatArray, names: Sequence[str], codes: IntArray) -> list[str]:
    """Names of single columns that tell the label exactly, value by value: likely the label in another form.

    Args:
        features: (n, d).
        names: of the d columns.
        codes: (n,) class codes.
    """
    found, few = [], slice(0, 1_000)
    for name, column in zip(names, features.T, strict=True):
        if len(np.unique(column[few])) <= len(np.unique(codes)):
            pairs = np.unique(np.stack([column, codes]), axis=1).shape[1]
            if pairs == len(np.unique(column)) == len(np.unique(codes)):
                found.append(name)
    return found


def names_of(column: pa.ChunkedArray, name: str) -> StrArray:
    """(n,) the column's values as names.

    Raises:
        DataError: a value is missing.
    """
    _no_gaps(column, name, "Give every row a value, for example 'unknown'.")
    return as_names([class_name(value) for value in column.to_pylist()])


def require_unique(ids: StrArray, name: str) -> StrArray:
    """The same ids, none of which occurs twice.

    Raises:
        DataError: naming the first id that does, and its rows.
    """
    _, first, counts = np.unique(ids, return_index=True, return_counts=True)
    if (counts > 1).any():
        repeated = ids[first[counts > 1].min()]
        rows = (np.flatnonzero(ids == repeated)[:2] + 1).tolist()
        raise DataError(
            f"column '{name}' holds the id '{repeated}' twice, in rows {rows[0]} and {rows[1]} "
            f"({int((counts > 1).sum()):,} repeated ids).\nMake ids unique, or leave dataset.id out to number the rows."
        )
    return ids


def is_unique(column: pa.ChunkedArray) -> bool:
    """Whether every row has a value, and each its own."""
    values = ["" if value is None else str(value).strip() for value in column.to_pylist()]
    return len({*values} - {"", "nan"}) == len(values)


def vote_codes(table: pa.Table, names: Sequence[str], classes: Sequence[Any]) -> IntArray:
    """(n, L) votes as class codes; -1 or a missing value abstains.

    Raises:
        DataError: a vote names no class.
    """
    code = {value: k for k, value in enumerate(classes)}
    votes = np.empty((table.num_rows, len(names)), dtype=np.int64)
    for j, name in enumerate(names):
        for i, value in enumerate(table.column(name).to_pylist()):
            abstains = value is None or value == "" or value == -1
            if not abstains and value not in code:
                known = ", ".join(class_name(value) for value in classes[:SHOWN])
                raise DataError(
                    f"column '{name}' votes for '{value}' in row {i + 1}.\nA vote is one of {known}, or -1 (abstains)."
                )
            votes[i, j] = -1 if abstains else code[value]
    return votes


def is_numeric(kind: pa.DataType) -> bool:
    """Whether a column of this type can be a feature by itself."""
    import pyarrow as pa

    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind))


def misread_number(column: pa.ChunkedArray) -> int | None:
    """Row, from 1, of the first value that is no finite number, in a text column where most values are."""
    values = [value for value in column.to_pylist() if value is not None]
    if not values or not isinstance(values[0], str):
        return None
    bad = [i for i, value in enumerate(column.to_pylist()) if value is not None and not _is_finite(value)]
    return bad[0] + 1 if bad and 2 * len(bad) <= len(values) else None


def _is_finite(value: str) -> bool:
    """Whether a cell is a number as tables write it: Python would also read `1_000`."""
    return NUMBER.fullmatch(value) is not None and math.isfinite(float(value))


def _block(column: pa.ChunkedArray, name: str) -> FloatArray:
    import pyarrow as pa

    kind, types = column.type, pa.types
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _list_block(column, name)
    if not is_numeric(kind):
        row = misread_number(column) or 1
        shown = column[row - 1].as_py()
        raise DataError(f"column '{name}' is no feature: it holds {kind}, in row {row} '{shown}'.\nFeatures are numbers.")
    if pa.types.is_integer(kind):
        _small_enough(column, name)
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)[:, None]


def _small_enough(column: pa.ChunkedArray, name: str) -> None:
    """Refuse whole numbers that a float would round: they number something, they measure nothing."""
    import pyarrow.compute as pc

    extremes = [value for value in pc.min_max(column).as_py().values() if value is not None]
    if not all(-LARGEST_WHOLE <= value <= LARGEST_WHOLE for value in extremes):
        values = enumerate(column.to_pylist(), start=1)
        row, value = next((row, value) for row, value in values if value is not None and abs(value) > LARGEST_WHOLE)
        raise DataError(
            f"column '{name}' holds {value} in row {row}: beyond 2^53 a feature loses its last digits.\n"
            "Name the columns to read (dataset.features=[...]), or write it with a decimal point to have it rounded."
        )


def _list_block(column: pa.ChunkedArray, name: str) -> FloatArray:
    rows = column.to_pylist()
    lengths = [len(row) if row is not None else 0 for row in rows]
    if len(set(lengths)) > 1 or lengths[0] == 0:
        odd = next((i for i, length in enumerate(lengths) if length != lengths[0]), 0)
        raise DataError(f"column '{name}' holds lists of {lengths[0]} and, in row {odd + 1}, of {lengths[odd]} numbers.")
    if not is_numeric(column.type.value_type):
        raise DataError(f"column '{name}' holds {column.type}: features are numbers.")
    return np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=np.float64)


def _no_gaps(column: pa.ChunkedArray, name: str, advice: str) -> None:
    gaps = [i for i, value in enumerate(column.to_pylist()) if is_missing(value)]
    if gaps:
        raise DataError(f"column '{name}' has no value in row {gaps[0] + 1} ({len(gaps):,} such rows).\n{advice}")


def is_missing(value: Any) -> bool:
    """Whether a cell holds no value: nothing, white space, or a number that is none."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def listed(classes: Sequence[str]) -> str:
    """The names of classes for a message, the first `SHOWN` of them."""
    return f"{', '.join(classes[:SHOWN])}{' ...' if len(classes) > SHOWN else ''}"


def class_name(value: Any) -> str:
    """How a label value is called: as it stands, whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(_text, value)) if isinstance(value, list) else str(value)
