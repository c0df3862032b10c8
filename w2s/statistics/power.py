"""How many seeds it takes to tell a difference from none."""

from __future__ import annotations

import math
from statistics import NormalDist

from w2s.statistics.joint_test import least_p

ALPHA = 0.05
POWER = 0.8
MOST_SEEDS = 1_000
FEWEST_SEEDS = next(n for n in range(2, 20) if least_p(n) <= ALPHA)
"""With fewer no test by sign flips reaches `ALPHA`."""


def least_difference(n_points: int, discordant: float) -> float:
    """The smallest difference of two accuracies that n test points show with probability `POWER`, in [0, 1].

    McNemar's comparison on one pair of models (R. D. Connor, Biometrics 43, 1987): seeds share the test points, so that more
    of them make it no smaller.

    Args:
        n_points: test points.
        discordant: share of them that one model answers rightly and the other wrongly.
    """
    quantiles = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(POWER)
    return quantiles * math.sqrt(discordant / n_points)


def seeds_needed(mean: float, sd: float, tests: int = 1) -> int | None:
    """Seeds that would tell such a difference with probability `POWER`; None: more than `MOST_SEEDS`.

    The sample size of a two-sided one-sample t test at level `ALPHA`, shared among the tests, with Guenther's correction for
    the unknown variance (W. C. Guenther, The American Statistician 35, 1981).

    Args:
        mean: of the paired differences.
        sd: their standard deviation over seeds, >= 0.
        tests: how many differences are tested together.
    """
    if mean == 0:
        return None
    level, reach = NormalDist().inv_cdf(1 - ALPHA / 2 / tests), NormalDist().inv_cdf(POWER)
    needed = math.ceil(((level + reach) * sd / mean) ** 2 + level**2 / 2)
    return max(FEWEST_SEEDS, needed) if needed <= MOST_SEEDS else None
