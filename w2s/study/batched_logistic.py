"""Many small logistic regressions at once: damped Newton steps over a leading axis of problems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray, IntArray

SETTLED = 1e-3
"""Newton's error falls quadratically: a step that moves no logit by more than this leaves about its square."""
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
        features: (B, n, d) float64.
        targets: (B, n) probabilities of class 1 in [0, 1]; with an intercept, a problem needs both classes to have a
            minimum. The steps stop after `MAX_STEPS` where it has none.
        C: > 0.
        intercept: whether to fit b, which is not penalised.
        start: from where to search; the minimum does not depend on it.
    """
    n_problems, n, d = features.shape
    wanted: FloatArray = np.asarray(targets, dtype=np.float64)
    rows = np.concatenate([features, np.ones((n_problems, n, 1))], axis=2) if intercept else features
    penalty = np.append(np.ones(d), 0.0)[: rows.shape[2]]
    w = np.zeros((n_problems, rows.shape[2]))
    if start is not None:
        w[:, :d] = start.weights
        w[:, d:] = start.bias[:, None][:, : rows.shape[2] - d]
    at = np.arange(n_problems)
    found = w.copy()
    z, rounded = _times(rows, w), rows.astype(np.float32)
    for _ in range(MAX_STEPS):
        p = sigmoid(z)
        gradient = C * np.matmul((p - wanted)[:, None, :], rows)[:, 0, :] + penalty * w
        step = np.linalg.solve(_hessian(rounded, C * p * (1 - p), penalty), gradient[:, :, None])[:, :, 0]
        slope = _times(rows, step)
        length = _lengths(wanted, w, step, z, slope, penalty, C)
        w, z = w - length * step, z - length * slope
        found[at] = w
        going = np.abs(length * slope).max(axis=1) > SETTLED
        if not going.any():
            break
        if not going.all():
            at, rows, rounded, wanted, w, z = (part[going] for part in (at, rows, rounded, wanted, w, z))
    return LinearFits(found[:, :d], found[:, d] if intercept else np.zeros(n_problems))


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z)), without overflow."""
    from scipy.special import expit

    return np.asarray(expit(z))


def _times(rows: FloatArray, w: FloatArray) -> FloatArray:
    return np.asarray(np.matmul(rows, w[:, :, None])[:, :, 0])


def _hessian(rows: FloatArray, curvature: FloatArray, penalty: FloatArray) -> FloatArray:
    """(B, p, p), from rows in single precision: the gradient alone decides where the steps end.

    The bias's curvature has a floor, since it vanishes where a problem has no minimum.
    """
    scaled = rows * np.sqrt(curvature, dtype=np.float32, casting="same_kind")[:, :, None]
    return np.asarray(np.matmul(scaled.transpose(0, 2, 1), scaled) + np.diag(np.maximum(penalty, 1e-9)))


def _lengths(
    targets: FloatArray, w: FloatArray, step: FloatArray, z: FloatArray, slope: FloatArray, penalty: FloatArray, C: float
) -> FloatArray:
    """(B, 1) share of each problem's step that is taken: 1, halved until its objective does not rise."""
    t = np.ones((len(w), 1))
    far = np.flatnonzero(np.abs(slope).max(axis=1) > SAFE)
    targets, w, step, z, slope = (part[far] for part in (targets, w, step, z, slope))
    before = _objective(z, targets, w, penalty, C)
    for _ in range(HALVINGS if len(far) else 0):
        after = _objective(z - t[far] * slope, targets, w - t[far] * step, penalty, C)
        worse = after > before + 1e-12 * np.abs(before)
        if not worse.any():
            break
        t[far[worse]] /= 2
    return t


def _objective(z: FloatArray, targets: FloatArray, w: FloatArray, penalty: FloatArray, C: float) -> FloatArray:
    """(B,)."""
    return np.asarray(C * np.sum(np.logaddexp(0.0, z) - targets * z, axis=1) + 0.5 * np.sum(penalty * w * w, axis=1))
