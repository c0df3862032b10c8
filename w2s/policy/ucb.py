"""Policies that choose the source of the highest upper confidence bound.

n_k counts rounds or points as each docstring says, o_k is the share of overlap among the points drawn from source k,
T the horizon in rounds, m the points of a round, N the points drawn so far from all sources.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from w2s.errors import require
from w2s.policy.base import CountingPolicy, check_positive
from w2s.protocols import BanditProblem
from w2s.types import FloatArray, IntArray

BISECTIONS = 30
TINY = 1e-12


class UCB(CountingPolicy):
    """o_k + sqrt(bonus ln T / n_k), n_k = rounds pulled: the rule of the regret theorem.

    Shin, Cooper & Sala, ICLR 2025, arXiv 2412.03881. With bonus = 2 this is UCB1 at a known horizon (Auer, Cesa-Bianchi &
    Fischer, Machine Learning 47, 2002).
    """

    name = "ucb"

    def __init__(self, problem: BanditProblem, *, bonus: float = 2.0) -> None:
        check_positive(self.name, "bonus", bonus)
        super().__init__(problem)
        self.bonus = bonus

    def index(self) -> FloatArray:
        """o_k + sqrt(bonus ln T / n_k)."""
        return np.asarray(self.density + np.sqrt(self.bonus * np.log(self.problem.rounds) / np.maximum(self.rounds, 1)))


class ReleasedUCB(UCB):
    """o_k + sqrt(bonus ln T) / n_k, n_k = rounds pulled: the rule of the paper's public code.

    The bonus falls faster than the noise, so that n_k grows like sqrt(bonus ln T) / gap: it is not consistent.
    """

    name = "ucb_released"

    def index(self) -> FloatArray:
        """o_k + sqrt(bonus ln T) / n_k."""
        return np.asarray(self.density + np.sqrt(self.bonus * np.log(self.problem.rounds)) / np.maximum(self.rounds, 1))


class SampleUCB(UCB):
    """o_k + sqrt(bonus ln N / n_k), n_k = points drawn: UCB1 (Auer et al. 2002) with every point a reward."""

    name = "ucb1_samples"

    def index(self) -> FloatArray:
        """o_k + sqrt(bonus ln N / n_k)."""
        return self.density + np.sqrt(self.bonus * self.log_points / np.maximum(self.points, 1))


class UCBV(CountingPolicy):
    """o_k + sqrt(2 v_k ln N / n_k) + 3 ln N / n_k, n_k = points drawn, v_k = o_k (1 - o_k).

    Audibert, Munos & Szepesvari, "Exploration-exploitation tradeoff using variance estimates", TCS 410, 2009.
    """

    name = "ucb_v"

    def index(self) -> FloatArray:
        """o_k + sqrt(2 v_k ln N / n_k) + 3 ln N / n_k."""
        rate = self.log_points / np.maximum(self.points, 1)
        return self.density + np.sqrt(2 * self.density * (1 - self.density) * rate) + 3 * rate


class MOSS(CountingPolicy):
    """o_k + sqrt(max(ln(T m / (K n_k)), 0) / n_k), n_k = points drawn: minimax optimal.

    Audibert & Bubeck, "Minimax policies for adversarial and stochastic bandits", COLT 2009.
    """

    name = "moss"

    def index(self) -> FloatArray:
        """o_k + sqrt(max(ln(T m / (K n_k)), 0) / n_k)."""
        n = np.maximum(self.points, 1)
        horizon = self.problem.rounds * self.problem.batch
        return self.density + np.sqrt(np.maximum(np.log(horizon / (self.problem.n_sources * n)), 0) / n)


class KLUCB(CountingPolicy):
    """The largest u with n_k kl(o_k, u) <= ln N, n_k = points drawn, kl between Bernoulli distributions.

    Garivier & Cappe, "The KL-UCB algorithm for bounded stochastic bandits and beyond", COLT 2011, with c = 0.
    """

    name = "kl_ucb"

    def index(self) -> FloatArray:
        """The largest u in [o_k, 1] with n_k kl(o_k, u) <= ln N, by bisection to 1e-9."""
        low, high = self.density, np.ones_like(self.density)
        level = self.log_points / np.maximum(self.points, 1)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            inside = bernoulli_kl(self.density, middle) <= level
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        return low


class SlidingWindowUCB(CountingPolicy):
    """o_k + sqrt(bonus ln N / n_k) over the last `window` rounds, n_k and N = points drawn among them, by source and in all.

    For densities that move, as they do when sources drift or a detector moves its thresholds (Garivier & Moulines, "On
    upper-confidence bound policies for switching bandit problems", ALT 2011, with B = 1 and every point a reward; counting
    rounds, as one reward each, makes the bonus sqrt(m) too wide). A source that left the window is pulled again.
    """

    name = "sliding_window_ucb"

    def __init__(
        self, problem: BanditProblem, *, window: int | None = None, changes: float = 2.0, bonus: float = 0.6
    ) -> None:
        """`window` in rounds; None: their 2 sqrt(T ln T / changes), for so many changes of the densities among T rounds."""
        rest = f"window={window}; give a whole number of rounds of at least 1, or null."
        require(window is None or window >= 1, f"policy sliding_window_ucb: {rest}")
        check_positive(self.name, "changes", changes)
        check_positive(self.name, "bonus", bonus)
        super().__init__(problem)
        self.bonus = bonus
        length = window or max(1, round(2 * float(np.sqrt(problem.rounds * np.log(problem.rounds) / changes))))
        self.window: deque[tuple[IntArray, IntArray, IntArray]] = deque(maxlen=length)

    def index(self) -> FloatArray:
        """o_k + sqrt(bonus ln N / n_k), all counted within the window."""
        return self.density + np.sqrt(self.bonus * self.log_points / np.maximum(self.points, 1))

    def update(self, source: IntArray, n_overlap: IntArray, n: IntArray) -> None:
        """Forget the oldest round when the window is full, then learn the new one."""
        if len(self.window) == self.window.maxlen:
            old_source, old_overlap, old_n = self.window[0]
            at = (np.arange(len(old_source)), old_source)
            self.rounds[at] -= 1
            self.points[at] -= old_n
            self.overlaps[at] -= old_overlap
        self.window.append((source, n_overlap, n))
        super().update(source, n_overlap, n)


def bernoulli_kl(p: FloatArray, q: FloatArray) -> FloatArray:
    """kl(p, q) = p ln(p / q) + (1 - p) ln((1 - p) / (1 - q)), for probabilities of one shape."""
    p, q = np.clip(p, TINY, 1 - TINY), np.clip(q, TINY, 1 - TINY)
    return np.asarray(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
