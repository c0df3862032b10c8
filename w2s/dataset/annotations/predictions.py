"""Somebody else's predictions in columns of the data: classes, probabilities, or an annotator's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.columns.names import require_columns
from w2s.dataset.columns.values import class_name, is_missing, listed
from w2s.errors import DataError, require
from w2s.types import BoolArray, FloatArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

SLACK = 0.02
"""How far from 1 the sum of a row's probabilities may be: numbers that were rounded, not percents."""


def columns_of(pattern: str, classes: Sequence[str]) -> tuple[str, ...]:
    """The columns that `pattern` names: one, or with `*`, which stands for the names of the C classes, one of each."""
    return tuple(pattern.replace("*", name) for name in classes) if "*" in pattern else (pattern,)


def predictions(table: pa.Table, pattern: str, classes: Sequence[str]) -> FloatArray:
    """(n, C) probabilities; rows sum to 1, or to 0 where nothing is said.

    One column holds classes, lists of C probabilities, or with two classes the probability of the second one. An empty cell
    says nothing.

    Raises:
        DataError: a column is not there, or a value is neither a class nor a probability.
    """
    names = columns_of(pattern, classes)
    require_columns(names, table.column_names, "the data", setting="predictions")
    cells = [table.column(name).to_pylist() for name in names]
    if len(names) > 1:
        return _probabilities([list(row) for row in zip(*cells, strict=True)], pattern, len(classes))
    (values,) = cells
    given = [None if is_missing(value) else value for value in values]
    if any(isinstance(value, list) for value in given):
        return _probabilities([[None] if value is None else value for value in given], pattern, len(classes))
    code = {name: k for k, name in enumerate(classes)}
    said = [-1 if value is None else code.get(class_name(value), len(classes)) for value in given]
    if len(classes) not in said:
        return np.vstack([np.eye(len(classes)), np.zeros(len(classes))])[said]
    if len(classes) == 2 and all(value is None or isinstance(value, int | float) for value in given):
        return _probabilities([[None] if value is None else [1 - value, value] for value in given], pattern, 2)
    row = said.index(len(classes))
    raise DataError(
        f"column '{pattern}' says '{values[row]}' in row {row + 1}. A prediction is one of {listed(classes)}, or empty;\n"
        f"probabilities stand in a column for each class: weak_model.column='{pattern}_*', * being the class."
    )


def _probabilities(rows: list[list[Any]], pattern: str, n_classes: int) -> FloatArray:
    """(n, C) from a list of C numbers for each row, or of nothing; each row is brought to sum to 1."""
    silent: BoolArray = np.array([all(map(is_missing, row)) for row in rows])
    odd = [i for i, row in enumerate(rows) if not silent[i] and not _are_probabilities(row, n_classes)]
    require(
        not odd,
        f"'{pattern}' holds {rows[odd[0]] if odd else ''} in row {odd[0] + 1 if odd else ''} ({len(odd):,} such rows).\n"
        f"Probabilities are {n_classes} numbers from 0 to 1 that sum to 1, one for each class.",
        DataError,
    )
    found = np.array(
        [[0.0] * n_classes if quiet else row for row, quiet in zip(rows, silent, strict=True)], dtype=np.float64
    )
    return found / np.where(silent, 1, found.sum(axis=1))[:, None]


def _are_probabilities(row: list[Any], n_classes: int) -> bool:
    numbers = [value for value in row if isinstance(value, int | float) and not isinstance(value, bool)]
    if not len(numbers) == len(row) == n_classes:
        return False
    return all(0 <= value <= 1 for value in numbers) and abs(sum(numbers) - 1) <= SLACK
