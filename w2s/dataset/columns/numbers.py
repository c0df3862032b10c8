"""Features: finite numbers, alone or in lists of equal length."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from w2s.errors import DataError
from w2s.types import FloatArray

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_WHOLE = 2**53
"""Beyond it not every whole number is a float."""

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE | re.ASCII)

LARGEST = 1e100
"""Largest absolute value of a feature: sums of its squares, and products of two, stay finite."""


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
