"""Logistic probes on fixed features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.model.probe.growing import IncrementalLogistic
from w2s.model.targets import as_probabilities, point_weights
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.numerics import softmax, softmax_and_log_sum

PAPER_L2 = 1e-3
"""Mean binary cross-entropy + 1e-3 |w|^2, the bias free: the paper's probe, scikit-learn's C = 1 / (2e-3 n)."""

LARGEST_C, SMALLEST_L2 = 1e9, 1e-15
"""The weakest penalties: below, separable points have no solution that double precision could hold."""

TOLERANCE = 1e-6
"""L-BFGS ends where no entry of the gradient is larger than this share of the largest one at the start."""

MAX_ITERATIONS = 5_000
ROUNDING = 64 * float(np.finfo(np.float64).eps)
"""It also ends where the objective falls by less than this share."""

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


@identity(version=3)
@dataclass(frozen=True, kw_only=True)
class LogisticProbe:
    """Logistic regression on `Inputs.features`, the bias unpenalised. No randomness.

    Two classes share one logit; more have one each (multinomial). Exactly one of `l2` and `C` sets the penalty: `l2`
    multiplies |w|^2 beside the *mean* cross-entropy (the paper's objective, independent of n), `C` multiplies the
    *summed* cross-entropy beside |w|^2 / 2 (scikit-learn's). Soft targets enter as cross-entropy against probabilities.
    """

    l2: float | None = None
    """> 0; `PAPER_L2` where neither is given."""
    C: float | None = None
    """> 0."""
    scale: Literal["none", "standard"] = "none"
    """`standard` brings each feature to mean 0 and variance 1 on the training points."""
    intercept: bool = True

    def __post_init__(self) -> None:
        require(self.l2 is None or self.C is None, f"A probe takes l2 or C, not both; got l2={self.l2}, C={self.C}.")
        for name, value in (("l2", self.l2), ("C", self.C)):
            require(value is None or 0 < value < np.inf, f"{name}={value}: the penalty of a probe is a number above 0.")
        message = f"rounding outweighs a penalty that small; the smallest are C={LARGEST_C:g} and l2={SMALLEST_L2:g}."
        require(self.C is None or self.C <= LARGEST_C, f"C={self.C}: {message}")
        require(self.l2 is None or self.l2 >= SMALLEST_L2, f"l2={self.l2}: {message}")

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedProbe:
        """Train on n >= 1 points: `targets` (n,) class codes, or (n, C) probabilities.

        A point of weight 2 counts as two points, of weight 0 as none. Classes without any weight among the targets get
        probability 0, so that a single class is always the answer. Nothing stops early by `validation`.
        """
        wanted, counts = as_probabilities(targets), point_weights(weights, len(inputs))
        n_classes, kept = wanted.shape[1], counts > 0
        features, wanted, counts = _features(inputs)[kept], wanted[kept], counts[kept]
        scaler = Scaler.of(features, counts) if self.scale == "standard" else None
        scaled = features if scaler is None else scaler(features)
        present = np.flatnonzero(wanted.sum(axis=0) > 0)
        l2 = 1 / (2 * self.C * counts.sum()) if self.C is not None else self.l2 or PAPER_L2
        found, bias = minimise(scaled, wanted[:, present], counts, l2=l2, intercept=self.intercept)
        return FittedProbe(found, bias, scaler, present, n_classes)

    def incremental(self, inputs: Inputs, targets: FloatArray) -> IncrementalLogistic | None:
        """Warm-started fits of two classes on features as they are; None for more classes, or standardised features."""
        if inputs.features is None or targets.shape[1] != 2 or self.scale == "standard":
            return None
        l2 = None if self.C is not None else self.l2 or PAPER_L2
        return IncrementalLogistic(inputs.features, targets[:, 1], l2=l2, C=self.C, intercept=self.intercept)


@dataclass(frozen=True)
class Scaler:
    """Brings features to mean 0 and variance 1; a constant feature becomes 0."""

    mean: FloatArray
    """(d,)"""
    deviation: FloatArray
    """(d,) > 0."""

    @staticmethod
    def of(features: FloatArray, counts: FloatArray | None = None) -> Scaler:
        """The scaler of these points (n, d), each counted as often as `counts` (n,) says."""
        mean = np.average(features, axis=0, weights=counts)
        deviation = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=counts))
        constant = deviation <= 10 * np.finfo(np.float64).eps * np.abs(mean)
        return Scaler(mean, np.where(constant, 1.0, deviation))

    def __call__(self, features: FloatArray) -> FloatArray:
        """(n, d) scaled."""
        return (features - self.mean) / self.deviation


@dataclass(frozen=True)
class FittedProbe:
    """A trained probe."""

    weights: FloatArray
    """(d, L): one logit for two classes present among the targets, one each for more, none for a single one."""
    bias: FloatArray
    """(L,)"""
    scaler: Scaler | None
    present: IntArray
    """Classes with weight among the targets; all others get probability 0."""
    n_classes: int
    """C."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows sum to 1."""
        logits = _all_logits(self.represent(inputs) @ self.weights + self.bias)
        probabilities = np.zeros((len(inputs), self.n_classes))
        probabilities[:, self.present] = softmax(logits)
        return probabilities

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) the features the logits are linear in."""
        features = _features(inputs)
        return features if self.scaler is None else self.scaler(features)


def minimise(
    features: FloatArray, targets: FloatArray, counts: FloatArray, *, l2: float, intercept: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Weights (d, L) and bias (L,) that minimise the points' weighted mean cross-entropy + l2 |weights|^2.

    The iterates are those of scikit-learn's L-BFGS on every (point, class) as a row weighted by its target, without
    the rows: on 2,500 x 384 points it takes a quarter of the time. Two classes with no more points than features are
    solved in the dual: on 200 x 384 embeddings of texts that takes 5 ms instead of 40.

    Args:
        features: (n, d) float64.
        targets: (n, C) probabilities; L = C logits, but 1 for two classes and 0 for one.
        counts: (n,) > 0 weights of the points.
        l2: > 0.
        intercept: whether the bias is free, or 0.
    """
    from scipy.optimize import minimize

    (n, d), n_classes = features.shape, targets.shape[1]
    n_logits = n_classes if n_classes > 2 else n_classes - 1
    if n_logits == 0:
        return np.zeros((d, 0)), np.zeros(0)
    share = counts[:, None] / counts.sum()
    if n_logits == 1 and n <= d and np.ptp(counts) == 0:
        exact = IncrementalLogistic(features, targets[:, 1], l2=l2, C=None, intercept=intercept).fit(np.arange(n))
        return exact.weights[:, None], np.array([exact.bias])

    def objective(parameters: Vector) -> tuple[float, FloatArray]:
        """The loss and its gradient at (d, L) weights, with L biases below them."""
        stacked = parameters.reshape(-1, n_logits)
        weights = stacked[:d]
        logits = _all_logits(features @ weights + (stacked[d] if intercept else 0.0))
        probabilities, normaliser = softmax_and_log_sum(logits)
        loss = np.sum(share[:, 0] * (normaliser - np.sum(targets * logits, axis=1))) + l2 * np.sum(weights * weights)
        residual = (probabilities - targets)[:, -n_logits:] * share
        gradient = np.empty_like(stacked)
        gradient[:d] = features.T @ residual + 2 * l2 * weights
        gradient[d:] = residual.sum(axis=0)
        return float(loss), gradient.ravel()

    start = np.zeros((d + intercept) * n_logits)
    enough = TOLERANCE * float(np.abs(objective(start)[1]).max())
    solution = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_ITERATIONS, "gtol": enough, "ftol": ROUNDING, "maxls": 50},
    )
    found = solution.x.reshape(-1, n_logits)
    return found[:d], found[d] if intercept else np.zeros(n_logits)


def _features(inputs: Inputs) -> FloatArray:
    assert inputs.features is not None, "a probe reads features; a representation makes them"
    return np.asarray(inputs.features, dtype=np.float64)


def _all_logits(logits: FloatArray) -> FloatArray:
    """(n, C) from (n, L): with two classes, or one, the first has the logit 0."""
    return logits if logits.shape[1] > 1 else np.concatenate([np.zeros((len(logits), 1)), logits], axis=1)
