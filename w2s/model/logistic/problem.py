"""The objective of a penalised logistic regression, its gradient and its curvatures, for many problems at once.

Symbols: n points, p columns, L logits; leading axes (...) are sets of points of their own. `rows` hold half of every column:
h = w rows' is half a logit z and, with one logit for two classes, 2 sigmoid(z) - 1 is tanh(h), a tenth of a sigmoid's time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from w2s.types import FloatArray


class Problem(ABC):
    """Minimise sum_i weight_i loss_i(2 rows_i w) + sum_j penalty_j w_j^2 / 2 over w (..., L, p)."""

    def __init__(self, rows: FloatArray, targets: FloatArray, weights: FloatArray, penalty: FloatArray) -> None:
        """Rows (..., n, p), targets (..., L, n) in [0, 1], weights (L or 1, n) >= 0, penalty (p,) >= 0."""
        self.rows, self.targets, self.weights, self.penalty = rows, targets, weights, penalty

    def halves(self, w: FloatArray) -> FloatArray:
        """(..., L, n) half the logits of w."""
        return np.asarray(np.matmul(w, self.rows.swapaxes(-1, -2)))

    def gradient(self, response: FloatArray, w: FloatArray) -> FloatArray:
        """(..., L, p) at w, whose responses are (..., L, n)."""
        return np.asarray(np.matmul(self.residual(response), self.rows) + self.penalty * w)

    def bend(self, response: FloatArray, change: FloatArray, direction: FloatArray) -> FloatArray:
        """Second derivative along a direction (..., L, p) that changes the halves by `change` (..., L, n)."""
        return self.loss_bend(response, change) + self.inner(self.penalty * direction, direction)

    @abstractmethod
    def response(self, halves: FloatArray) -> FloatArray:
        """(..., L, n) what the model answers where half the logits are these."""

    @abstractmethod
    def residual(self, response: FloatArray) -> FloatArray:
        """(..., L, n) derivative of the summed losses in the halves."""

    @abstractmethod
    def loss_bend(self, response: FloatArray, change: FloatArray) -> FloatArray:
        """Second derivative of the summed losses along a change of the halves."""

    @abstractmethod
    def curvature(self, response: FloatArray) -> FloatArray:
        """(..., n) second derivatives in the halves, of one logit that stands for all L."""

    @abstractmethod
    def inner(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """Products of (..., L, p) with (..., L, p), one for each problem: (..., L), or (..., 1) where logits are coupled."""


class TwoClasses(Problem):
    """L problems on the same points, each of two classes and one logit; targets are probabilities of the second class."""

    def __init__(self, rows: FloatArray, targets: FloatArray, weights: FloatArray, penalty: FloatArray) -> None:
        super().__init__(rows, targets, weights, penalty)
        self.signs = (2 * targets - 1) * weights

    def response(self, halves: FloatArray) -> FloatArray:
        """2 p - 1."""
        return np.tanh(halves)

    def residual(self, response: FloatArray) -> FloatArray:
        """Twice probability minus target."""
        return np.asarray(self.weights * response - self.signs)

    def loss_bend(self, response: FloatArray, change: FloatArray) -> FloatArray:
        """Of L problems each."""
        return np.asarray(np.vecdot(self.weights * (1 - response * response) * change, change))

    def curvature(self, response: FloatArray) -> FloatArray:
        """Of the middle problem."""
        middle = len(self.weights) // 2
        return np.asarray(self.weights[middle] * (1 - response[..., middle, :] ** 2))

    def inner(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """(..., L) products."""
        return np.asarray(np.vecdot(a, b))


class ManyClasses(Problem):
    """One problem of L >= 3 classes with a logit each: multinomial."""

    def response(self, halves: FloatArray) -> FloatArray:
        """Probabilities."""
        from scipy.special import softmax

        return np.asarray(softmax(2 * halves, axis=-2))

    def residual(self, response: FloatArray) -> FloatArray:
        """Twice probability minus target."""
        return np.asarray(2 * self.weights * (response - self.targets))

    def loss_bend(self, response: FloatArray, change: FloatArray) -> FloatArray:
        """Four times the variance of the change under the model's answer."""
        centred = change - np.sum(response * change, axis=-2, keepdims=True)
        return self.inner(4 * self.weights * response * centred, centred)

    def curvature(self, response: FloatArray) -> FloatArray:
        """Exact where all classes are equally probable."""
        spread = 1 - np.sum(response * response, axis=-2)
        return np.asarray(4 * self.weights[0] * spread / (response.shape[-2] - 1))

    def inner(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """(..., 1) products."""
        return np.asarray(np.vecdot(a, b).sum(axis=-1, keepdims=True))
