"""Policies that drop sources once they are worse beyond doubt."""

from __future__ import annotations

import numpy as np

from w2s.errors import require
from w2s.policy.base import CountingPolicy
from w2s.protocols import BanditProblem
from w2s.types import FloatArray, IntArray


class SuccessiveElimination(CountingPolicy):
    """Sources in turn, dropping those whose upper bound is below the highest lower bound, at confidence 1 - delta.

    Radius sqrt(ln(4 K n_k^2 / delta) / (2 n_k)), n_k = points drawn: Hoeffding with a union over sources and sample sizes
    (Even-Dar, Mannor & Mansour, JMLR 7, 2006). Dropped sources are used only when no other holds points.
    """

    name = "successive_elimination"

    def __init__(self, problem: BanditProblem, *, delta: float = 0.1) -> None:
        require(0 < delta < 1, f"policy successive_elimination: delta={delta}; give an error probability between 0 and 1.")
        super().__init__(problem)
        self.delta = delta
        self.active = np.ones(self.rounds.shape, dtype=bool)

    def index(self) -> FloatArray:
        """-n_k among the active sources; below all of them, -n_k among the dropped ones."""
        below = self.points.max(axis=1, keepdims=True) + 1
        return -self.points - np.where(self.active, 0, below)

    def worth(self) -> FloatArray:
        """In turn, whatever the price; prices enter the elimination."""
        return self.index()

    def update(self, source: IntArray, n_overlap: IntArray, n: IntArray) -> None:
        """Learn, then drop what is worse beyond doubt."""
        super().update(source, n_overlap, n)
        price = np.ones(self.problem.n_sources) if self.problem.prices is None else self.problem.prices
        radius = self.radius() / price
        value = self.density / price
        self.active &= value + radius >= (value - radius).max(axis=1, keepdims=True)

    def radius(self) -> FloatArray:
        """(R, K) half-width of the confidence interval; infinite for a source without points."""
        n = np.maximum(self.points, 1)
        radius = np.sqrt(np.log(4 * self.problem.n_sources * n**2 / self.delta) / (2 * n))
        return np.where(self.points > 0, radius, np.inf)
