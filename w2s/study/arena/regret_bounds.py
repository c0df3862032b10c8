"""What theory says of cumulative regret, in sums over rounds of the best density minus the chosen one.

Drawn beside measured curves and tested for nothing: at these horizons the explicit bound is vacuous (above 1 a round) until
T = 168 for two sources and 509 for five, and consistent policies lie below the asymptotic Lai-Robbins constant.
"""

from __future__ import annotations

import math

from w2s.types import FloatArray


def lai_robbins(densities: FloatArray, *, rounds: int, batch: int) -> float:
    """Sum over sources of gap_k / kl(o_k, o*) x ln(T m) / m, for (K,) densities (Lai & Robbins, AAM 6, 1985).

    What no consistent policy goes below as T grows, with every point of a batch of m a reward.
    """
    best = float(densities.max())
    total = sum((best - o) / bernoulli_divergence(o, best) for o in densities.tolist() if o < best)
    return float(total) * math.log(rounds * batch) / batch


def bernoulli_divergence(p: float, q: float) -> float:
    """kl(p, q) between Bernoulli distributions; infinite where q excludes what p allows."""
    total = 0.0
    for a, b in ((p, q), (1 - p, 1 - q)):
        if a > 0:
            total += math.inf if b == 0 else a * math.log(a / b)
    return total


def minimax_rate(n_sources: int, *, rounds: int) -> float:
    """sqrt(K T): the rate no policy beats on its worst setting, without its constant."""
    return math.sqrt(n_sources * rounds)


def explicit_bound(n_sources: int, *, rounds: int, horizon: int) -> float:
    """4 sqrt(K t ln T) + K after t rounds, for rewards in [0, 1] and the radius sqrt(2 ln T / n_k)."""
    return 4 * math.sqrt(n_sources * rounds * math.log(horizon)) + n_sources
