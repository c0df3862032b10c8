"""How many seeds it takes to tell a difference from none."""

from __future__ import annotations

import math

from w2s.statistics.joint_test import least_p

ALPHA = 0.05
POWER = 0.8
MOST_SEEDS = 1_000
FEWEST_SEEDS = next(n for n in range(2, 20) if least_p(n) <= ALPHA)
"""With fewer no test by sign flips reaches `ALPHA`."""


def power(effect: float, n: int, tests: int = 1) -> float:
    """The chance that a two-sided t test over n >= 2 seeds finds a difference of `effect` standard deviations.

    The level is `ALPHA` shared among as many `tests`.
    """
    from scipy.stats import nct, t

    critical = float(t.ppf(1 - ALPHA / 2 / tests, n - 1))
    shift = effect * math.sqrt(n)
    return float(nct.sf(critical, n - 1, shift) + nct.cdf(-critical, n - 1, shift))


def seeds_needed(mean: float, sd: float, tests: int = 1) -> int | None:
    """Fewest seeds that would tell such a difference with probability `POWER`; None: more than `MOST_SEEDS`.

    Args:
        mean: of the paired differences.
        sd: their standard deviation over seeds, >= 0.
        tests: how many differences are tested together.
    """
    if sd == 0:
        return FEWEST_SEEDS if mean else None
    effect = abs(mean) / sd
    if power(effect, MOST_SEEDS, tests) < POWER:
        return None
    low, high = FEWEST_SEEDS - 1, MOST_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle, tests) >= POWER else (middle, high)
    return high
