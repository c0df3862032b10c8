"""Values of a column as they stand: what is missing, how a class is called, names and ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.columns.names import SHOWN
from w2s.errors import DataError
from w2s.types import StrArray, as_names

if TYPE_CHECKING:
    import pyarrow as pa


def is_missing(value: Any) -> bool:
    """Whether a cell holds no value: nothing, white space, or a number that is none."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def no_gaps(column: pa.ChunkedArray, name: str, advice: str) -> None:
    """Refuse a column that lacks a value in some row.

    Raises:
        DataError: naming the first such row, and how many there are.
    """
    gaps = [i for i, value in enumerate(column.to_pylist()) if is_missing(value)]
    if gaps:
        raise DataError(f"column '{name}' has no value in row {gaps[0] + 1} ({len(gaps):,} such rows).\n{advice}")


def class_name(value: Any) -> str:
    """How a label value is called: as it stands, whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def listed(classes: Sequence[str]) -> str:
    """The names of classes for a message, the first `SHOWN` of them."""
    return f"{', '.join(classes[:SHOWN])}{' ...' if len(classes) > SHOWN else ''}"


def names_of(column: pa.ChunkedArray, name: str) -> StrArray:
    """(n,) the column's values as names.

    Raises:
        DataError: a value is missing.
    """
    no_gaps(column, name, "Give every row a value, for example 'unknown'.")
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
