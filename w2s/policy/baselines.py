"""Policies that know everything, learn nothing, or explore by schedule."""

from __future__ import annotations

import numpy as np

from w2s.errors import require
from w2s.policy.base import CountingPolicy
from w2s.protocols import BanditProblem
from w2s.types import FloatArray, IntArray


class Random(CountingPolicy):
    """A uniformly random source each round, whatever it costs."""

    name = "random"

    def index(self) -> FloatArray:
        """The same for all: the tie decides."""
        return np.zeros_like(self.rounds)

    def worth(self) -> FloatArray:
        """No first pulls and no prices."""
        return self.index()


class Oracle(CountingPolicy):
    """Always the densest source that still holds points, by the true densities (per unit of money where points cost)."""

    name = "oracle"
    first_pulls = 0

    def __init__(self, problem: BanditProblem) -> None:
        super().__init__(problem)
        self.truth = problem.true_density.open("oracle policy")

    def index(self) -> FloatArray:
        """The true densities."""
        return np.broadcast_to(self.truth, self.rounds.shape)


class RoundRobin(CountingPolicy):
    """The source pulled least often so far, whatever it costs."""

    name = "round_robin"

    def index(self) -> FloatArray:
        """-n_k, n_k = rounds pulled."""
        return -self.rounds

    def worth(self) -> FloatArray:
        """No prices."""
        return self.index()


class Greedy(CountingPolicy):
    """Every source once, then the highest estimate: o_k."""

    name = "greedy"

    def index(self) -> FloatArray:
        """o_k."""
        return self.density


class EpsilonGreedy(CountingPolicy):
    """Greedy, but with probability epsilon a uniformly random source (Sutton & Barto, "Reinforcement Learning", 2.2)."""

    name = "epsilon_greedy"

    def __init__(self, problem: BanditProblem, *, epsilon: float = 0.1) -> None:
        require(0 <= epsilon <= 1, f"policy epsilon_greedy: epsilon={epsilon}; give a probability in [0, 1].")
        super().__init__(problem)
        self.epsilon = epsilon

    def index(self) -> FloatArray:
        """o_k."""
        return self.density

    def worth(self) -> FloatArray:
        """The same for all sources in the repetitions that explore this round."""
        explores = self.problem.generator.random((len(self.rounds), 1)) < self.epsilon
        return np.where(explores, 0.0, super().worth())


class ExploreThenCommit(CountingPolicy):
    """Every source `pulls` times, then the one that looks best (Lattimore & Szepesvari, "Bandit Algorithms", chapter 6).

    The textbook's rule commits for good to what the exploration said; with `relearn` the estimates go on learning.
    """

    name = "explore_then_commit"

    def __init__(self, problem: BanditProblem, *, pulls: int = 3, relearn: bool = True) -> None:
        require(pulls >= 1, f"policy explore_then_commit: pulls={pulls}; give a whole number of at least 1.")
        super().__init__(problem)
        self.first_pulls = pulls
        self.relearn = relearn
        self.estimate = np.zeros_like(self.rounds)

    def index(self) -> FloatArray:
        """o_k; without `relearn` as it was after `pulls` rounds of source k."""
        return self.estimate

    def update(self, source: IntArray, n_overlap: IntArray, n: IntArray) -> None:
        """Learn while exploring; afterwards only with `relearn`."""
        super().update(source, n_overlap, n)
        learns = self.relearn | (self.rounds <= self.first_pulls)
        self.estimate = np.where(learns, self.density, self.estimate)
