"""Conjugate gradients with a Hessian that is computed now and then: the one solver of all logistic regressions.

Polak and Ribiere's method (J. Nocedal, S. J. Wright, Numerical Optimization, 2nd edition, Springer 2006, section 5.2),
preconditioned by a Hessian of some steps ago, with Newton's length along each direction.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from w2s.model.logistic.problem import Problem
from w2s.types import FloatArray

TOLERANCE, SINGLE_TOLERANCE = 1e-6, 2e-6
"""Of a gradient's length, relative to that at zero weights: in double precision, and what single precision can reach."""
MAX_STEPS = 500
STEEP = 0.25
"""A step goes too far if it ends on an upward slope that is more than this share of the downward one at its start."""
ROUNDING = 16
"""Steps of a length below this many units in the last place are not told from rounding."""
TINY = 1e-30
"""Keeps 0 / 0 of a problem that is solved already at 0."""


class Hessian(Protocol):
    """An approximation of the second derivatives."""

    @property
    def patience(self) -> int:
        """Steps that it is good for."""
        ...

    def renew(self, curvature: FloatArray) -> None:
        """Compute it where the losses' second derivatives are (..., n)."""
        ...

    def solve(self, gradient: FloatArray) -> FloatArray:
        """(..., L, p) its inverse times the gradients."""
        ...


def minimise(problem: Problem, start: FloatArray, hessian: Hessian) -> FloatArray:
    """The minima (..., L, p), from `start`: all gradients are within the tolerance.

    Raises:
        ArithmeticError: they are not after `MAX_STEPS`.
    """
    w, halves = start, problem.halves(start)
    response = problem.response(halves)
    gradient = problem.gradient(response, w)
    at_zero = problem.gradient(problem.response(np.zeros_like(halves)), np.zeros_like(w))
    tolerance = TOLERANCE if w.dtype == np.float64 else SINGLE_TOLERANCE
    enough = tolerance**2 * problem.inner(at_zero, at_zero)
    least = (ROUNDING * np.finfo(w.dtype).eps) ** 2 * problem.weights.sum(axis=-1)
    direction, before, decrease, due = w, w, np.full(enough.shape, np.inf, dtype=w.dtype), 0
    for step in range(MAX_STEPS):
        done = problem.inner(gradient, gradient) <= enough
        if done.all():
            return w
        if step == due:
            hessian.renew(problem.curvature(response))
            due += hessian.patience
        downhill = hessian.solve(gradient)
        conjugate = np.maximum(0, problem.inner(gradient - before, downhill) / np.maximum(decrease, TINY))
        direction = downhill + conjugate[..., None] * direction
        before, decrease = gradient, problem.inner(gradient, downhill)
        if (done | (decrease <= least)).all():
            return w
        change = problem.halves(direction)
        bend = np.maximum(problem.bend(response, change, direction), TINY)
        length = (problem.inner(gradient, direction) / bend)[..., None]
        move, change = length * direction, length * change
        while True:
            response = problem.response(halves - change)
            gradient = problem.gradient(response, w - move)
            too_far = ~done & (-problem.inner(gradient, move) > np.maximum(STEEP * problem.inner(before, move), least))
            if not too_far.any():
                break
            shorter = np.where(too_far, 0.5, 1.0)[..., None]
            move, change = shorter * move, shorter * change
        w, halves = w - move, halves - change
    raise ArithmeticError(f"a logistic regression did not converge in {MAX_STEPS} steps")
