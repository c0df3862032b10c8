"""What the student gains over the weak model, and how much of the gap to the ceiling it recovers."""

from __future__ import annotations

import numpy as np

from w2s.statistics.intervals import Interval, Ratio, crossed, fieller
from w2s.types import BoolArray

PGR = ("pgr", "pgr/low", "pgr/high", "pgr/defined", "pgr/precise")


def recovery(right: BoolArray) -> dict[str, float | None]:
    """The metrics `gain` and `pgr` with their intervals; without a ceiling there is no `pgr`.

    Args:
        right: (S, n, 3) whether weak model, student and ceiling are right on each test point, by seed, or (S, n, 2) without
            a ceiling. With one seed the intervals are over points, with several over seeds x points.
    """
    values = right.astype(np.float64)
    moments = crossed(values[..., 1:] - values[..., :1])
    if right.shape[-1] == 2:
        return {**ends("gain", moments.interval(0)), **dict.fromkeys(PGR)}
    ratio = fieller(moments)
    return {
        **ends("gain", moments.interval(0)),
        **ends("pgr", ratio),
        "pgr/defined": float(ratio.defined),
        "pgr/precise": float(ratio.precise),
    }


def ends(name: str, interval: Interval | Ratio) -> dict[str, float | None]:
    """An interval as three metrics."""
    return {name: interval.value, f"{name}/low": interval.low, f"{name}/high": interval.high}
