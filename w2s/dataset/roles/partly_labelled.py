"""Data of which only some rows are labelled: these become weak_train, validation and test, the others the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.columns.classes import class_codes
from w2s.dataset.columns.values import is_missing
from w2s.errors import DataError, require
from w2s.types import IntArray, Split, StrArray

if TYPE_CHECKING:
    import pyarrow as pa

FEWEST_LABELLED = 60
"""Labelled rows below which neither a weak model nor a test says anything."""
FEWEST_UNLABELLED = 60
"""Rows without a label that can be a pool; fewer are gaps in a column of labels."""
NO_LABEL = -1
"""Code of a row without a label, which no split keeps."""
LABELLED_ROLES = ("weak_train", "validation", "test")


def known_codes(column: pa.ChunkedArray, name: str) -> tuple[IntArray, tuple[str, ...], tuple[Any, ...]]:
    """As `class_codes`, but rows without a label have the code `NO_LABEL` where there are enough of both kinds.

    Raises:
        DataError: there are fewer than `FEWEST_LABELLED` labelled rows, or their labels are no classes; of fewer than
            `FEWEST_UNLABELLED` rows without a label, that they lack it.
    """
    labelled = np.array([not is_missing(value) for value in column.to_pylist()], dtype=np.bool_)
    if (~labelled).sum() < FEWEST_UNLABELLED:
        return class_codes(column, name)
    require(
        labelled.sum() >= FEWEST_LABELLED,
        f"column '{name}' has a label in {labelled.sum():,} of {len(labelled):,} rows: at least {FEWEST_LABELLED} are "
        "needed, of two classes.\nLabel more rows; those without a label become the pool.",
        DataError,
    )
    found, names, values = class_codes(column.filter(labelled), name)
    codes = np.full(len(labelled), NO_LABEL)
    codes[labelled] = found
    return codes, names, values


def roles_of(codes: IntArray, named: StrArray, rest: str) -> StrArray:
    """(n,) the role of each row, those `named` `rest` being the pool where they have no label.

    Raises:
        DataError: a row without a label is named weak_train, validation or test.
    """
    lacking = (codes == NO_LABEL) & np.isin(named, LABELLED_ROLES)
    if lacking.any():
        row = int(np.argmax(lacking))
        raise DataError(
            f"row {row + 1} is {named[row]}, but has no label ({int(lacking.sum()):,} such rows).\n"
            "Only rows of the pool need none: label them, or give them another role."
        )
    return np.where((codes == NO_LABEL) & (named == rest), "pool", named)


def without_labels(parts: Mapping[str, Split], codes: IntArray) -> tuple[dict[str, Split], tuple[str, ...]]:
    """The same roles, of whose pool nobody knows a label, and a note that says how many rows are labelled."""
    note = (
        f"{int(np.sum(codes != NO_LABEL)):,} of {len(codes):,} rows are labelled. The pool is without true labels: students "
        "are judged on test, and the ceiling is estimated on weak_train."
    )
    return {**parts, "pool": replace(parts["pool"], labels=None)}, (note,)
