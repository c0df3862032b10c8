"""What others say of the points of a data set: votes of labelling functions, and somebody else's predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.annotations.labelling_functions import LabellingFunctions
from w2s.dataset.annotations.predictions import predictions
from w2s.types import IntArray

if TYPE_CHECKING:
    import pyarrow as pa


def opinions(
    votes: IntArray | None,
    table: Callable[[], pa.Table],
    texts: Sequence[str] | None,
    classes: Sequence[str],
    *,
    predicted: str | None,
    functions: str | None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The columns `votes` and `predictions` of the `Inputs` of n points, and notes on them.

    Args:
        votes: (n, L) that columns of the data hold; None of none.
        table: the n rows without their labels, asked for where something reads them.
        texts: of the n points.
        classes: names of the C classes.
        predicted: column, or columns with `*`, of predictions.
        functions: file of labelling functions.

    Raises:
        ConfigError: the file of functions cannot be used.
        DataError: a prediction or a vote names no class, or a function fails.
    """
    notes: tuple[str, ...] = ()
    if functions is not None:
        own = LabellingFunctions.of(functions)
        cast = own.votes(texts, lambda: table().to_pylist(), classes)
        notes = (own.note(cast),)
        votes = cast if votes is None else np.concatenate([votes, cast], axis=1)
    return {"votes": votes, "predictions": None if predicted is None else predictions(table(), predicted, classes)}, notes


def check_opinions(functions: str | None) -> None:
    """Refuse a file of labelling functions that cannot be used."""
    if functions is not None:
        LabellingFunctions.of(functions)
