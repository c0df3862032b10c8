"""The best two-segment least-squares split of sorted values, exactly, in O(n) after the sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from w2s.types import FloatArray
from w2s.utils.ranges import Count, checked

TIE = 1e-12
"""Gains within this share of the best one count as equal to it: rounding must not choose between equal splits."""

RELEASED_STEP = 5
RELEASED_MIN_SIZE = 2


@dataclass(frozen=True)
@checked
class ChangePoint:
    """Optimal one-dimensional 2-means: least squared distance to the two segment means (paper, section 3)."""

    min_size: Count = 1
    """Fewest values on each side."""

    def split(self, values: FloatArray) -> float | None:
        """The first value of the upper segment; None for fewer than 2 `min_size` values, or where all are equal."""
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        index = split_index(ordered, min_size=self.min_size)
        return None if index is None else float(ordered[index])


@dataclass(frozen=True)
@checked
class ReleasedChangePoint:
    """The split that the paper's code takes: `ruptures.Binseg(model="l2")` with its defaults, one break.

    Only indices that are multiples of 5 with 2 values a side are tried, and the last one wins on ties, so that equal
    values are split too. Computed in closed form; `ruptures` itself is the oracle of the tests.
    """

    fallback: Literal["none", "median"] = "none"
    """Below 7 values there is no admissible index: no split, or the median as in the released selection."""

    def split(self, values: FloatArray) -> float | None:
        """The value at the released index."""
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        index = split_index(ordered, min_size=RELEASED_MIN_SIZE, step=RELEASED_STEP, ties="last")
        if index is not None:
            return float(ordered[index])
        return float(np.median(ordered)) if self.fallback == "median" and len(ordered) else None


def split_index(
    ordered: FloatArray, *, min_size: int = 1, step: int = 1, ties: Literal["first", "last"] = "first"
) -> int | None:
    """Index of the first element of the upper segment of ascending, finite (n,) values.

    Splitting at i leaves i values below and gains i (n - i) / n (mean_above - mean_below)^2 over one segment. Values are
    centred and scaled first, since a cumulative sum of values around 1e9 has no digits left for their differences.

    Args:
        ordered: (n,) ascending.
        min_size: fewest values on each side.
        step: only multiples of it are tried.
        ties: which of several best indices; with `last`, equal values are split too.
    """
    n = len(ordered)
    below = np.arange(-(-min_size // step) * step, n - min_size + 1, step)
    if len(below) == 0:
        return None
    centred = ordered - ordered[n // 2]
    spread = max(-centred[0], centred[-1])
    if spread == 0:
        return None if ties == "first" else int(below[-1])
    centred = centred / spread
    centred -= centred.mean()
    sums = np.cumsum(centred)[below - 1]
    gain = sums * sums / (below * (n - below).astype(np.float64))
    best = np.flatnonzero(gain >= gain.max() * (1 - TIE))
    return int(below[best[0] if ties == "first" else best[-1]])
