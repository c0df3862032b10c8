"""One logistic regression that is fitted again and again as points are added."""

from __future__ import annotations

import numpy as np

from w2s.model.logistic.design import FactorRows, FeatureRows
from w2s.model.logistic.hessian import FactoredHessian
from w2s.model.logistic.problem import ManyClasses, TwoClasses
from w2s.model.logistic.solver import minimise
from w2s.types import FloatArray


class WarmLogistic:
    """Minimises sum_i weight_i cross-entropy_i + penalty |w|^2 / 2 over weights and free biases, from the last minimum."""

    def __init__(self, most: int, d: int, n_classes: int, *, intercept: bool) -> None:
        """For at most `most` points of d features and n_classes >= 2, none of which is without weight."""
        self.most, self.d, self.intercept, self.first = most, d, intercept, int(intercept)
        self.design: FactorRows | FeatureRows = FactorRows(min(most, d), d, intercept=intercept)
        self.hessian = FactoredHessian()
        self.w: FloatArray = np.zeros((1 if n_classes == 2 else n_classes, self.first))

    def fit(
        self, features: FloatArray, targets: FloatArray, weights: FloatArray, *, penalty: float
    ) -> tuple[FloatArray, FloatArray]:
        """Add m points and fit all n: weights (d, L) and bias (L,), L being C, or 1 for two classes.

        Args:
            features: (m, d) float64, of the new points; m may be 0.
            targets: (n, C) probabilities, of all points.
            weights: (n,) > 0, of all points.
            penalty: > 0.
        """
        if len(features):
            self._add(features)
        rows = self.design.rows
        self.w = np.pad(self.w, ((0, 0), (0, rows.shape[1] - self.w.shape[1])))
        penalties = np.full(rows.shape[1], penalty)
        penalties[: self.first] = 0.0
        kind, answers = (TwoClasses, targets[:, 1:]) if len(self.w) == 1 else (ManyClasses, targets)
        problem = kind(rows, np.ascontiguousarray(answers.T), weights[None], penalties)
        self.hessian.extend(self.design, penalties)
        self.w = minimise(problem, self.w, self.hessian)
        bias = self.w[:, 0].copy() if self.intercept else np.zeros(len(self.w))
        return np.ascontiguousarray(self.design.coefficients(self.w).T), bias

    def _add(self, features: FloatArray) -> None:
        """More points than features have the features for columns."""
        if isinstance(self.design, FactorRows) and self.design.n + len(features) > self.d:
            wide = FeatureRows(self.most, self.d, intercept=self.intercept)
            if self.design.n:
                wide.add(self.design.features)
                self.w = np.hstack([self.w[:, : self.first], self.design.coefficients(self.w)])
            self.design, self.hessian = wide, FactoredHessian()
        self.design.add(features)
