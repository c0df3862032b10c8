"""Many small logistic regressions at once, of two classes each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.model.logistic.hessian import InvertedHessian
from w2s.model.logistic.problem import TwoClasses
from w2s.model.logistic.solver import minimise
from w2s.types import BoolArray, FloatArray, IntArray


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


def fit_batch(
    features: FloatArray,
    targets: FloatArray | IntArray,
    weights: FloatArray | BoolArray,
    *,
    penalty: float,
    intercept: bool,
) -> LinearFits:
    """Minimise sum_i weight_i cross-entropy_i + penalty |w|^2 / 2 in B x L problems, each of two classes and one logit.

    Problems on the same points share matrix products, and the Hessian of the middle one.

    Args:
        features: (B, n, d); in float32 they are read in half the time, and the coefficients are right to about 1e-5.
        targets: (B, L, n), or (B, 1, n) for all L: probabilities of class 1 in [0, 1].
        weights: (L, n) >= 0; at 0 a problem does not see the point. With an intercept, each has to see both classes.
        penalty: > 0.
        intercept: whether to fit a bias, which is not penalised.
    """
    n_sets, n, d = features.shape
    rows = np.full((n_sets, n, d + intercept), 0.5, dtype=features.dtype)
    np.multiply(features, 0.5, out=rows[:, :, :d])
    penalties = np.where(np.arange(d + intercept) < d, penalty, 0.0).astype(rows.dtype)
    problem = TwoClasses(rows, targets.astype(rows.dtype), weights.astype(rows.dtype), penalties)
    start = np.zeros((n_sets, len(weights), d + intercept), dtype=rows.dtype)
    w = minimise(problem, start, InvertedHessian(rows, penalties))
    return LinearFits(w[:, :, :d], w[:, :, d] if intercept else np.zeros(w.shape[:2], dtype=w.dtype))
