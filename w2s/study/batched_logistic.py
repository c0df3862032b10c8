"""Many small logistic regressions at once: damped Newton steps over a leading axis of problems.

A step costs little beside its Hessian. So a problem keeps the inverse of one for as long as it shortens the steps (the chord
method: C. T. Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM 1995, section 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.numerics import sigmoid
from w2s.types import FloatArray, Index, IntArray

SETTLED = 2e-4
"""The fits end after a step that moves no logit by more than this; the next one would be shorter still."""
SHORTER = 0.3
"""A Hessian serves while each step is at most this share of the one before."""
SAFE = 1.0
"""A step that moves no logit by more than this is taken whole, without a look at the objective."""
MAX_STEPS = 100
HALVINGS = 30


@dataclass(frozen=True)
class LinearFits:
    """B linear classifiers."""

    weights: FloatArray
    """(B, d)"""
    bias: FloatArray
    """(B,), zero without an intercept."""

    def logits(self, features: FloatArray) -> FloatArray:
        """(B, m) of features (B, m, d), one matrix of points per classifier."""
        return np.asarray(np.matmul(features, self.weights[:, :, None])[:, :, 0] + self.bias[:, None])


def fit_logistic(
    features: FloatArray, targets: FloatArray | IntArray, *, C: float, intercept: bool, start: LinearFits | None = None
) -> LinearFits:
    """Minimise C sum_i cross-entropy(target_i, sigmoid(w x_i + b)) + |w|^2 / 2 in each of B problems: scikit-learn's.

    Args:
        features: (B, n, d); in float32 they are read in half the time, and the coefficients are right to about 1e-5.
        targets: (B, n) probabilities of class 1 in [0, 1]; with an intercept, a problem needs both classes to have a
            minimum. The steps stop after `MAX_STEPS` where it has none.
        C: > 0.
        intercept: whether to fit b, which is not penalised.
        start: from where to search; the minimum does not depend on it.
    """
    n_problems, n, d = features.shape
    ones = np.ones((n_problems, n, 1), dtype=features.dtype)
    rows = np.concatenate([features, ones], axis=2) if intercept else features
    penalty = np.append(np.ones(d), 0.0)[: rows.shape[2]].astype(features.dtype)
    problems = _Problems(rows, targets.astype(features.dtype), penalty, C)
    w = np.zeros((n_problems, rows.shape[2]), dtype=features.dtype)
    if start is not None:
        w[:, :d] = start.weights
        w[:, d:] = start.bias[:, None][:, : rows.shape[2] - d]
    w = _descend(problems, w)
    return LinearFits(w[:, :d], w[:, d] if intercept else np.zeros(n_problems))


def _descend(problems: _Problems, w: FloatArray) -> FloatArray:
    """The minima (B, p), from (B, p) `w`."""
    z = _times(problems.rows, w)
    p = sigmoid(z)
    inverse = problems.inverse_hessian(p, slice(None))
    limit = np.full(len(w), np.inf, dtype=w.dtype)
    for _ in range(MAX_STEPS):
        gradient = problems.gradient(p, w)
        step = _times(inverse, gradient)
        slope = _times(problems.rows, step)
        size = np.abs(slope).max(axis=1)
        worn = np.flatnonzero(size > limit)
        if len(worn):
            inverse[worn] = problems.inverse_hessian(p[worn], worn)
            step[worn] = _times(inverse[worn], gradient[worn])
            slope[worn] = _times(problems.rows[worn], step[worn])
            size[worn] = np.abs(slope[worn]).max(axis=1)
        if size.max() > SAFE:
            length = problems.length(w, step, z, slope, size)
            step, slope = length * step, length * slope
        w, z = w - step, z - slope
        if size.max() <= SETTLED:
            break
        limit = np.maximum(SHORTER * size, SETTLED)
        p = sigmoid(z)
    return w


@dataclass(frozen=True)
class _Problems:
    """C sum_i cross-entropy(targets_i, sigmoid(rows_i w)) + sum_j penalty_j w_j^2 / 2, B times."""

    rows: FloatArray
    """(B, n, p)"""
    targets: FloatArray
    """(B, n)"""
    penalty: FloatArray
    """(p,)"""
    C: float

    def gradient(self, p: FloatArray, w: FloatArray) -> FloatArray:
        """(B, p) at (B, p) w, whose probabilities are (B, n) p."""
        pull = np.matmul((p - self.targets)[:, None, :], self.rows)[:, 0, :]
        return np.asarray(self.C * pull + self.penalty * w)

    def inverse_hessian(self, p: FloatArray, which: Index) -> FloatArray:
        """(len(p), p, p) of these problems, in single precision: the gradient alone decides where the steps end.

        The bias's curvature has a floor, since it vanishes where a problem has no minimum.
        """
        curvature = np.sqrt(self.C * p * (1 - p))
        scaled = np.multiply(self.rows[which], curvature[:, :, None]).astype(np.float32, copy=False)
        hessian = np.matmul(scaled.transpose(0, 2, 1), scaled)
        hessian += np.diag(np.maximum(self.penalty, 1e-9)).astype(np.float32)
        return np.asarray(np.linalg.inv(hessian))

    def length(self, w: FloatArray, step: FloatArray, z: FloatArray, slope: FloatArray, size: FloatArray) -> FloatArray:
        """(B, 1) share of each problem's step that is taken: 1, halved until its objective does not rise."""
        t = np.ones((len(w), 1), dtype=w.dtype)
        rounding = 16 * np.finfo(w.dtype).eps
        far = np.flatnonzero(size > SAFE)
        before = self.objective(z[far], w[far], far)
        for _ in range(HALVINGS):
            after = self.objective(z[far] - t[far] * slope[far], w[far] - t[far] * step[far], far)
            worse = after > before + rounding * np.abs(before)
            if not worse.any():
                break
            t[far[worse]] /= 2
        return t

    def objective(self, z: FloatArray, w: FloatArray, which: IntArray) -> FloatArray:
        """(len(which),) at logits z and coefficients w of these problems."""
        loss = np.sum(softplus(z) - self.targets[which] * z, axis=1, dtype=np.float64)
        return np.asarray(self.C * loss + 0.5 * np.sum(self.penalty * w * w, axis=1, dtype=np.float64))


def softplus(z: FloatArray) -> FloatArray:
    """log(1 + exp(z)), without overflow; a third of the time of `logaddexp`."""
    return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))))


def _times(rows: FloatArray, w: FloatArray) -> FloatArray:
    return np.asarray(np.matmul(rows, w[:, :, None])[:, :, 0])
