"""Arrays by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]


IntArray = npt.NDArray[np.integer[Any]]


BoolArray = npt.NDArray[np.bool_]


StrArray = npt.NDArray[np.str_]


Index = IntArray | slice


def as_names(values: Sequence[Any]) -> StrArray:
    """(n,) array of strings, from anything printable."""
    return np.array([str(value) for value in values], dtype=np.str_)
