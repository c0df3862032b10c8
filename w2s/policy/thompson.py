"""Thompson sampling: a source is chosen with the probability that it is the best."""

from __future__ import annotations

import numpy as np

from w2s.policy.base import CountingPolicy, check_positive
from w2s.protocols import BanditProblem
from w2s.types import FloatArray


class Thompson(CountingPolicy):
    """A draw from each source's Beta(a + overlaps, b + others) posterior over points; the highest is chosen.

    W. R. Thompson, Biometrika 25, 1933; no first pulls.
    """

    name = "thompson"
    first_pulls = 0

    def __init__(self, problem: BanditProblem, *, a: float = 1.0, b: float = 1.0) -> None:
        check_positive(self.name, "a", a)
        check_positive(self.name, "b", b)
        super().__init__(problem)
        self.prior = (a, b)

    def index(self) -> FloatArray:
        """theta_k ~ Beta(a + overlaps, b + points - overlaps)."""
        a, b = self.prior
        return np.asarray(self.problem.generator.beta(a + self.overlaps, b + self.points - self.overlaps))
