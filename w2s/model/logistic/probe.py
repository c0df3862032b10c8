"""Logistic probes on fixed features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from w2s.errors import require
from w2s.identity import identity
from w2s.loss import Loss
from w2s.model.logistic.warm_start import WarmLogistic
from w2s.model.representation import features_of
from w2s.model.scaler import Scaler
from w2s.model.training_targets import as_probabilities, point_weights, refuse_other_losses
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import checked

PAPER_L2 = 1e-3
"""Mean binary cross-entropy + 1e-3 |w|^2, the bias free: the paper's probe, scikit-learn's C = 1 / (2e-3 n)."""

LARGEST_C, SMALLEST_L2 = 1e9, 1e-15
"""The weakest penalties: below, separable points have no solution that double precision could hold."""


@identity(version=4)
@dataclass(frozen=True, kw_only=True)
@checked
class LogisticProbe:
    """Logistic regression on `Inputs.features`, the bias unpenalised. No randomness.

    Two classes share one logit; more have one each (multinomial). Exactly one of `l2` and `C` sets the penalty: `l2`
    multiplies |w|^2 beside the *mean* cross-entropy (the paper's objective, independent of n), `C` multiplies the
    *summed* cross-entropy beside |w|^2 / 2 (scikit-learn's). Soft targets enter as cross-entropy against probabilities.
    """

    l2: Annotated[float, Ge(SMALLEST_L2)] | None = None
    """`PAPER_L2` where neither is given."""
    C: Annotated[float, Gt(0), Le(LARGEST_C)] | None = None
    scale: Literal["none", "standard"] = "none"
    """`standard` brings each feature to mean 0 and variance 1 on the training points."""
    intercept: bool = True

    def __post_init__(self) -> None:
        require(self.l2 is None or self.C is None, f"A probe takes l2 or C, not both; got l2={self.l2}, C={self.C}.")

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
        features, answers, counts = features_of(inputs), as_probabilities(targets), point_weights(weights, len(inputs))
        if counts.min() == 0:
            features, answers, counts = (array[counts > 0] for array in (features, answers, counts))
        scaler = Scaler.of(features, counts) if self.scale == "standard" else None
        scaled = features if scaler is None else scaler(features)
        fitted = IncrementalProbe(self, scaled, answers, counts).fit(np.arange(len(scaled)))
        return replace(fitted, scaler=scaler)

    def incremental(self, inputs: Inputs, targets: FloatArray) -> IncrementalProbe | None:
        """Warm-started fits on features as they are; None for standardised ones, which change as points are added."""
        if inputs.features is None or self.scale == "standard":
            return None
        return IncrementalProbe(self, inputs.features, targets, np.ones(len(targets)))

    def with_loss(self, loss: Loss) -> LogisticProbe:
        """Itself, as cross-entropy is what it minimises.

        Raises:
            ConfigError: `loss` is another one.
        """
        refuse_other_losses(loss, "a logistic probe")
        return self

    def penalty(self, total: float) -> float:
        """Factor of |w|^2 / 2 beside the summed cross-entropy of points of this total weight."""
        return 1 / self.C if self.C is not None else 2 * (self.l2 or PAPER_L2) * total


class IncrementalProbe:
    """A probe fitted again and again as points are added; the fits agree with `LogisticProbe.fit`."""

    def __init__(self, probe: LogisticProbe, features: FloatArray, targets: FloatArray, weights: FloatArray) -> None:
        """Features (n, d), targets (n, C) and weights (n,) > 0 of all points that there will be."""
        self.probe, self.features, self.targets, self.weights = probe, features, targets, weights
        self.known: IntArray = np.zeros(0, dtype=np.int64)
        self.present: IntArray = np.zeros(0, dtype=np.int64)

    def fit(self, index: IntArray) -> FittedProbe:
        """Train on the points at `index` (n,); fast where those of the last fit come first, in their order."""
        targets, weights, n_classes = self.targets[index], self.weights[index], self.targets.shape[1]
        present = np.flatnonzero(targets.sum(axis=0) > 0)
        if not np.array_equal(present, self.present) or not np.array_equal(index[: len(self.known)], self.known):
            self.known, self.present = index[:0], present
        new = self.features[index[len(self.known) :]]
        if len(present) == 1:
            return FittedProbe(np.zeros((self.features.shape[1], 0)), np.zeros(0), None, present, n_classes)
        if len(self.known) == 0:
            shape = (len(self.features), self.features.shape[1], len(present))
            self.warm = WarmLogistic(*shape, intercept=self.probe.intercept)
        self.known = index
        penalty = self.probe.penalty(float(weights.sum()))
        found, bias = self.warm.fit(new.astype(np.float64, copy=False), targets[:, present], weights, penalty=penalty)
        return FittedProbe(found, bias, None, present, n_classes)


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
        from scipy.special import softmax

        features = self.represent(inputs)
        logits = features @ self.weights.astype(features.dtype) + self.bias
        if logits.shape[1] < 2:  # with two classes, or one, the first has the logit 0
            logits = np.concatenate([np.zeros((len(logits), 1)), logits], axis=1)
        probabilities = np.zeros((len(inputs), self.n_classes))
        probabilities[:, self.present] = softmax(logits, axis=1)
        return probabilities

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) the features the logits are linear in."""
        features = features_of(inputs)
        return features if self.scaler is None else self.scaler(features)
