"""Many small logistic regressions at once: damped Newton steps over a leading axis of problems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray, IntArray

GRADIENT = 1e-6
"""A problem is solved when no entry of its gradient exceeds this share of C n + 1."""
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
        features: (B, n, d) float64.
        targets: (B, n) probabilities of class 1 in [0, 1]; with an intercept, a problem needs both classes to have a
            minimum. The steps stop after `MAX_STEPS` where it has none.
        C: > 0.
        intercept: whether to fit b, which is not penalised.
        start: from where to search; the minimum does not depend on it.
    """
    n_problems, n, d = features.shape
    targets = np.asarray(targets, dtype=np.float64)
    rows = np.concatenate([features, np.ones((n_problems, n, 1))], axis=2) if intercept else features
    penalty = np.append(np.ones(d), 0.0)[: rows.shape[2]]
    solution = np.zeros((n_problems, rows.shape[2]))
    if start is not None:
        solution[:, :d] = start.weights
        solution[:, d:] = start.bias[:, None][:, : rows.shape[2] - d]
    open_ones = np.arange(n_problems)
    for _ in range(MAX_STEPS):
        part = rows if len(open_ones) == n_problems else rows[open_ones]
        z = np.matmul(part, solution[open_ones, :, None])[:, :, 0]
        gradient = _gradient(part, sigmoid(z) - targets[open_ones], solution[open_ones], penalty, C)
        going = np.abs(gradient).max(axis=1) > GRADIENT * (C * n + 1)
        if not going.any():
            break
        open_ones, part, z, gradient = open_ones[going], part[going], z[going], gradient[going]
        step = np.linalg.solve(_hessian(part, z, penalty, C), gradient[:, :, None])[:, :, 0]
        solution[open_ones] = _descend(part, targets[open_ones], solution[open_ones], step, z, penalty, C)
    return LinearFits(solution[:, :d], solution[:, d] if intercept else np.zeros(n_problems))


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z)), without overflow."""
    from scipy.special import expit

    return np.asarray(expit(z))


def _gradient(rows: FloatArray, error: FloatArray, w: FloatArray, penalty: FloatArray, C: float) -> FloatArray:
    return np.asarray(C * np.matmul(error[:, None, :], rows)[:, 0, :] + penalty * w)


def _hessian(rows: FloatArray, z: FloatArray, penalty: FloatArray, C: float) -> FloatArray:
    """(B, p, p) with a floor under the bias's curvature, which vanishes where a problem has no minimum."""
    p = sigmoid(z)
    scaled = rows * np.sqrt(C * p * (1 - p))[:, :, None]
    return np.asarray(np.matmul(scaled.transpose(0, 2, 1), scaled) + np.diag(np.maximum(penalty, 1e-9)))


def _descend(
    rows: FloatArray,
    targets: FloatArray,
    w: FloatArray,
    step: FloatArray,
    z: FloatArray,
    penalty: FloatArray,
    C: float,
) -> FloatArray:
    """Go from w to w - t step, t halved in each problem until its objective does not rise."""
    slope = np.matmul(rows, step[:, :, None])[:, :, 0]
    before = _objective(z, targets, w, penalty, C)
    t = np.ones(len(w))
    for _ in range(HALVINGS):
        after = _objective(z - t[:, None] * slope, targets, w - t[:, None] * step, penalty, C)
        worse = after > before + 1e-12 * np.abs(before)
        if not worse.any():
            break
        t[worse] /= 2
    return w - t[:, None] * step


def _objective(z: FloatArray, targets: FloatArray, w: FloatArray, penalty: FloatArray, C: float) -> FloatArray:
    return np.asarray(C * np.sum(np.logaddexp(0.0, z) - targets * z, axis=1) + 0.5 * np.sum(penalty * w * w, axis=1))
