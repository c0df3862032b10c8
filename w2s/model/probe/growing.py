"""Logistic probes on a growing set of points, warm-started, in whichever space is smaller.

With n points in d dimensions the weights are w = X' a, so that a factor of the Hessian costs n^3 / 3 in the dual and
n d^2 + d^3 / 3 in the primal. Here one factor serves many fits: new points extend it, and L-BFGS, which starts from it in
place of a multiple of the identity, makes up for what it has become wrong in (Nocedal & Wright, "Numerical Optimization",
algorithm 7.4, with a Hessian approximation that comes from outside). Only when steps multiply is it made anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from w2s.model.probe.spaces import Covector, Dual, Primal, Space, Step
from w2s.types import FloatArray, Inputs, IntArray
from w2s.utils.numerics import sigmoid

TOLERANCE = 1e-6
"""Of the gradient's length, relative to that at zero weights."""
MAX_STEPS = 500
PATIENCE = 12
"""Steps that a factor is good for within one fit."""
MEMORY = 10
"""Steps that L-BFGS remembers."""
DUAL_UNTIL = 1.9
"""n / d up to which a factor is cheaper in the dual."""


@dataclass(frozen=True)
class FittedLogistic:
    """P(class 1) = sigmoid(x w + bias)."""

    weights: FloatArray
    """(d,)"""
    bias: float

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, 2) probabilities."""
        features = self.represent(inputs)
        positive = sigmoid(features @ self.weights.astype(features.dtype) + self.bias)
        return np.stack([1 - positive, positive], axis=1)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) the features the logits are linear in."""
        assert inputs.features is not None, "a probe reads features; a representation makes them"
        return inputs.features


class IncrementalLogistic:
    """Two-class logistic regression, fitted again and again as points are added.

    Minimises sum_i [log(1 + exp(z_i)) - t_i z_i] + penalty |w|^2 / 2 over z = X w + bias until the gradient is `TOLERANCE`
    of that at zero; penalty is 1 / C, or 2 l2 n. Targets of a single class give that class, the limit of the minimiser.
    """

    def __init__(
        self, features: FloatArray, targets: FloatArray, *, l2: float | None, C: float | None, intercept: bool
    ) -> None:
        self.features, self.targets = features, targets
        self.l2, self.C, self.intercept = l2, C, intercept
        self._begin()

    def _begin(self) -> None:
        self.known: IntArray = np.zeros(0, dtype=np.int64)
        self.space: Space = Dual(self.features.shape[1], intercept=self.intercept)

    def fit(self, index: IntArray) -> FittedLogistic:
        """Train on the points at `index` (n,); those of the last fit, in their order, come first, or all starts anew."""
        if not np.array_equal(index[: len(self.known)], self.known):
            self._begin()
        if np.ptp(self.targets[index]) == 0 and self.targets[index[0]] in (0.0, 1.0):
            return FittedLogistic(np.zeros(self.features.shape[1]), np.inf if self.targets[index[0]] else -np.inf)
        new, self.known = index[len(self.known) :], index
        penalty = 1 / self.C if self.C is not None else 2 * (self.l2 or 0.0) * len(index)
        self.space.add(self.features[new].astype(np.float64), self.targets[new], penalty)
        if isinstance(self.space, Dual) and len(index) > DUAL_UNTIL * self.features.shape[1]:
            self.space = Primal(self.space, penalty)
        minimise(self.space, penalty)
        return FittedLogistic(self.space.weights, self.space.bias)


def minimise(space: Space, penalty: float) -> int:
    """L-BFGS from the current weights and the factored Hessian, which is made anew every `PATIENCE` steps; their number."""
    reference = space.covector(0.5 - space.targets, 0.0).length
    pairs: deque[tuple[Step, Covector]] = deque(maxlen=MEMORY)
    gradient, value = space.covector(sigmoid(space.logits) - space.targets, penalty), space.value(penalty)
    for taken in range(MAX_STEPS):
        if gradient.length <= TOLERANCE * reference:
            return taken
        if taken and taken % PATIENCE == 0:
            space.factor(penalty)
            pairs.clear()
        step = _direction(space, gradient, pairs)
        space.move(step)
        while (now := space.value(penalty)) > value + 1e-9 * abs(value):
            step = step.times(0.5)
            space.move(step.times(-1.0))
        before, gradient, value = gradient, space.covector(sigmoid(space.logits) - space.targets, penalty), now
        change = gradient.minus(before)
        if step.dot(change) > 0:
            pairs.append((step, change))
    raise ArithmeticError(f"a logistic fit did not converge in {MAX_STEPS} steps")


def _direction(space: Space, gradient: Covector, pairs: deque[tuple[Step, Covector]]) -> Step:
    """The two loops of L-BFGS around the factored Hessian."""
    factors = []
    for step, change in reversed(pairs):
        factors.append(step.dot(gradient) / step.dot(change))
        gradient = gradient.minus(change, factors[-1])
    direction = space.solve(gradient)
    for (step, change), factor in zip(pairs, reversed(factors), strict=True):
        direction = direction.plus(step, factor - direction.dot(change) / step.dot(change))
    return direction.times(-1.0)
