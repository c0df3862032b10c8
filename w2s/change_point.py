"""The best two-segment least-squares split of sorted values, exactly, in O(n) after the sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from w2s.types import FloatArray


class Threshold(Protocol):
    """Splits values into a lower and an upper part."""

    def split(self, values: FloatArray) -> float | None:
        """The smallest value of the upper part of (n,) values; None where this method sees no split."""
        ...


@dataclass(frozen=True)
class ChangePoint:
    """Optimal one-dimensional 2-means: least squared distance to the two segment means (paper, section 3)."""

    min_size: int = 1
    """Fewest values on each side, >= 1."""

    def split(self, values: FloatArray) -> float | None:
        """The first value of the upper segment; None for fewer than 2 `min_size` values, or where all are equal."""
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        index = split_index(ordered, min_size=self.min_size)
        return None if index is None else float(ordered[index])


def split_index(ordered: FloatArray, *, min_size: int = 1) -> int | None:
    """Index of the first element of the upper segment of ascending (n,) values; the first such index on ties.

    Splitting at i leaves i values below and gains i (n - i) / n (mean_above - mean_below)^2 over one segment. Values are
    centred first, since a cumulative sum of values around 1e9 has no digits left for their differences.
    """
    n = len(ordered)
    if n < 2 * min_size or ordered[0] == ordered[-1]:
        return None
    centred = ordered - ordered[n // 2]
    centred = centred - centred.mean()
    below = np.arange(min_size, n - min_size + 1, dtype=np.float64)
    sums = np.cumsum(centred)[min_size - 1 : n - min_size]
    total = centred.sum()
    gain = (sums - below * total / n) ** 2 / (below * (n - below))
    return min_size + int(np.argmax(gain))
