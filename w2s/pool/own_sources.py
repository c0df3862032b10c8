"""The sources that a data set itself names."""

from __future__ import annotations

import numpy as np

from w2s.errors import DataError, require
from w2s.types import IntArray, StrArray


def own_sources(sources: StrArray) -> tuple[tuple[str, ...], tuple[IntArray, ...]]:
    """Names, in alphabetical order, and positions of the sources in a column (n,).

    Raises:
        DataError: a point names no source.
    """
    missing = int(np.sum(sources == ""))
    require(
        missing == 0,
        f"{missing} of {len(sources)} points name no source.\nFill the source column, or drop those rows.",
        DataError,
    )
    names = tuple(np.unique(sources).tolist())
    return names, tuple(np.flatnonzero(sources == name) for name in names)
