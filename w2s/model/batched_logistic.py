"""Many small logistic regressions at once: preconditioned conjugate gradients over leading axes of problems.

Problems that share their points share a matrix product a step, and one inverse Hessian: that of the middle problem, which is
near enough to the others' for a dozen steps of Polak and Ribiere's method (J. Nocedal, S. J. Wright, Numerical Optimization,
2nd edition, Springer 2006, section 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray, IntArray

SETTLED = 2e-5
"""The fits end after a step that moves no coefficient by more than this."""
FRESH = (0, 5)
"""The steps before which the inverse Hessian is computed: at zero, and where the coefficients are about right."""
MAX_STEPS = 200
ROUNDING = 1e-6
"""Falls of the objective below this are not told from rounding."""
TINY = 1e-30
"""Keeps 0 / 0 of a problem that is solved already at 0."""


@dataclass(frozen=True)
class LinearFits:
    """B x L linear classifiers, L on each of B sets of points."""

    weights: FloatArray
    """(B, L, d)"""
    bias: FloatArray
    """(B, L), zero without an intercept."""

    def logits(self, features: FloatArray) -> FloatArray:
        """(B, L, m) of features (B, m, d)."""
        return np.asarray(np.matmul(self.weights, features.transpose(0, 2, 1)) + self.bias[:, :, None])


def fit_logistic(
    features: FloatArray, targets: FloatArray | IntArray, *, counts: IntArray, C: float, intercept: bool
) -> LinearFits:
    """Minimise C sum_i cross-entropy(target_i, sigmoid(w x_i + b)) + |w|^2 / 2 in B x L problems: scikit-learn's.

    Args:
        features: (B, n, d); in float32 they are read in half the time, and the coefficients are right to about 1e-5.
        targets: (B, L, n), or (B, 1, n) for all L: probabilities of class 1 in [0, 1]; with an intercept, a problem needs
            both classes to have a minimum. The steps stop after `MAX_STEPS` where it has none.
        counts: (L,) the l-th problem of each set sums over its first counts[l] points.
        C: > 0.
        intercept: whether to fit b, which is not penalised.
    """
    n_sets, n, d = features.shape
    halves = np.full((n_sets, d + intercept, n), 0.5, dtype=features.dtype)
    np.multiply(features.transpose(0, 2, 1), 0.5, out=halves[:, :d])
    seen = (np.arange(n) < counts[:, None]).astype(features.dtype)
    penalty = np.append(np.ones(d), 0.0)[: d + intercept].astype(features.dtype)
    problems = _Problems(halves, (2 * targets - 1).astype(features.dtype) * seen, seen, penalty, C)
    w = _descend(problems)
    return LinearFits(w[:, :, :d], w[:, :, d] if intercept else np.zeros(w.shape[:2], dtype=w.dtype))


def _descend(problems: _Problems) -> FloatArray:
    """The minima (B, L, p), from zero."""
    h = np.zeros_like(problems.signs)
    w = np.zeros((*h.shape[:2], len(problems.penalty)), dtype=h.dtype)
    tanh, gradient = h, problems.gradient(h, w)
    direction, before, decrease = w, w, np.full(h.shape[:2], np.inf, dtype=h.dtype)
    for count in range(MAX_STEPS):
        if count in FRESH:
            inverse = problems.inverse_hessian(tanh)
        downhill = np.matmul(gradient, inverse)
        conjugate = np.maximum(0, np.vecdot(gradient - before, downhill) / np.maximum(decrease, TINY))
        direction = downhill + conjugate[:, :, None] * direction
        before, decrease = gradient, np.vecdot(gradient, downhill)
        slope = np.matmul(direction, problems.halves) * problems.seen
        curvature = problems.curvature(tanh, slope, direction)
        length = (np.vecdot(gradient, direction) / np.maximum(curvature, TINY))[:, :, None]
        step, slope = length * direction, length * slope
        while True:  # a step that ends on a slope as steep as at its start, but upwards, goes too far
            ahead = h - slope
            tanh = np.tanh(ahead)
            gradient = problems.gradient(tanh, w - step)
            too_far = -np.vecdot(gradient, step) > np.maximum(np.vecdot(before, step), ROUNDING)
            if not too_far.any():
                break
            step[too_far] /= 2
            slope[too_far] /= 2
        w, h = w - step, ahead
        if np.abs(step).max() <= SETTLED:
            break
    return w


@dataclass(frozen=True)
class _Problems:
    """C sum_i (log(2 cosh h_i) - signs_i h_i) + sum_j penalty_j w_j^2 / 2, where h = w halves are half the logits.

    So tanh(h) is 2 p - 1, which takes a tenth of the sigmoid's time.
    """

    halves: FloatArray
    """(B, p, n) half the points, and 1/2 for the intercept."""
    signs: FloatArray
    """(B, L, n) in [-1, 1], zero where not seen."""
    seen: FloatArray
    """(L, n) 1 or 0: whether the problem sums over the point; if not, its h stays zero."""
    penalty: FloatArray
    """(p,)"""
    C: float

    def gradient(self, tanh: FloatArray, w: FloatArray) -> FloatArray:
        """(B, L, p) at w."""
        pull = np.matmul(tanh - self.signs, self.halves.transpose(0, 2, 1))
        return np.asarray(self.C * pull + self.penalty * w)

    def curvature(self, tanh: FloatArray, slope: FloatArray, direction: FloatArray) -> FloatArray:
        """(B, L) second derivative along a direction (B, L, p), which changes h by slope (B, L, n)."""
        bend = self.C * np.vecdot((1 - tanh * tanh) * slope, slope)
        return np.asarray(bend + np.vecdot(self.penalty * direction, direction))

    def inverse_hessian(self, tanh: FloatArray) -> FloatArray:
        """(B, p, p) of the middle problem of each set; the bias's curvature vanishes, but for a floor, without a minimum."""
        middle = len(self.seen) // 2
        weight = self.C * (1 - tanh[:, middle] ** 2) * self.seen[middle]
        hessian = np.matmul(self.halves * weight[:, None, :], self.halves.transpose(0, 2, 1))
        return np.asarray(np.linalg.inv(hessian + np.diag(np.maximum(self.penalty, 1e-9))))


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z)), without overflow."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * z))
