"""What every policy shares: the counts, the first pulls, and the choice of the highest index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from w2s.errors import require
from w2s.protocols import BanditProblem
from w2s.types import BoolArray, FloatArray, IntArray


class CountingPolicy(ABC):
    """Chooses the available source of the highest index; R repetitions run side by side.

    A policy is its `index`. Sources not yet pulled `first_pulls` times come first, exhausted ones never, and ties fall by
    the policy's own random stream. Where points have prices the index is read per unit of money, as fractional KUBE does
    (L. Tran-Thanh et al., "Knapsack based optimal policies for budget-limited multi-armed bandits", AAAI 2012).
    """

    name: ClassVar[str]
    """As the configuration calls it."""
    first_pulls: int = 1
    """Rounds that every source gets before the index decides."""

    def __init__(self, problem: BanditProblem) -> None:
        shape = (problem.repetitions, problem.n_sources)
        self.problem = problem
        self.rounds = np.zeros(shape)
        """(R, K) rounds in which a source was chosen."""
        self.points = np.zeros(shape)
        """(R, K) points drawn."""
        self.overlaps = np.zeros(shape)
        """(R, K) points found to overlap."""

    @abstractmethod
    def index(self) -> FloatArray:
        """(R, K) what the policy believes of each source; the highest is chosen."""

    def worth(self) -> FloatArray:
        """(R, K) the index per unit of money; infinite for sources still in their first pulls."""
        index = self.index() if self.problem.prices is None else self.index() / self.problem.prices
        return np.where(self.rounds < self.first_pulls, np.inf, index)

    def select(self, available: BoolArray) -> IntArray:
        """(R,) chosen sources, given (R, K) which sources still hold points."""
        worth = np.where(available, self.worth(), -np.inf)
        best = available & (worth == worth.max(axis=1, keepdims=True))
        keys = self.problem.generator.random(best.shape)
        return np.asarray(np.argmax(np.where(best, keys, -1.0), axis=1))

    def update(self, source: IntArray, n_overlap: IntArray, n: IntArray) -> None:
        """Learn that source (R,) gave n (R,) points of which n_overlap (R,) were found to overlap."""
        at = (np.arange(len(source)), source)
        self.rounds[at] += 1
        self.points[at] += n
        self.overlaps[at] += n_overlap

    @property
    def density(self) -> FloatArray:
        """(R, K) in [0, 1] share of overlap among the points drawn; 0 where none was."""
        return np.asarray(self.overlaps / np.maximum(self.points, 1))

    @property
    def log_points(self) -> FloatArray:
        """(R, 1) ln of the points drawn so far from all sources, at least 0."""
        return np.asarray(np.log(np.maximum(self.points.sum(axis=1, keepdims=True), 1)))


def check_positive(policy: str, argument: str, value: float) -> None:
    """Refuse anything but a finite number above 0.

    Raises:
        ConfigError: naming the policy's argument, what was given and what is accepted.
    """
    require(0 < value < float("inf"), f"policy {policy}: {argument}={value}; give a number above 0.")
