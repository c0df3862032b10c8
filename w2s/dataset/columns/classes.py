"""Labels and votes as class codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.columns.names import SHOWN
from w2s.dataset.columns.values import class_name, no_gaps
from w2s.errors import DataError
from w2s.types import FloatArray, IntArray

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 20
"""So many classes are never too many for a file, however short."""


def class_codes(column: pa.ChunkedArray, name: str) -> tuple[IntArray, tuple[str, ...], tuple[Any, ...]]:
    """(n,) codes of a label column, the names of its C classes in ascending order, and their values as they stand there.

    Raises:
        DataError: a label is missing or of no plain kind, there is one class only, or nearly every row has its own.
    """
    no_gaps(column, name, "Give every row a label, or remove the row.")
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
