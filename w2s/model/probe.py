"""Logistic probes on fixed features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.types import FloatArray, Inputs, IntArray

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

PAPER_L2 = 1e-3
"""Mean binary cross-entropy + 1e-3 |w|^2, the bias free: the paper's probe, scikit-learn's C = 1 / (2e-3 n)."""

TOLERANCE = 1e-6
MAX_ITERATIONS = 5_000


@identity()
@dataclass(frozen=True, kw_only=True)
class LogisticProbe:
    """Logistic regression on `Inputs.features`, multinomial beyond two classes, the bias unpenalised.

    Exactly one of `l2` and `C` sets the penalty: `l2` multiplies |w|^2 beside the *mean* cross-entropy (the paper's
    objective, independent of n), `C` multiplies the *summed* cross-entropy beside |w|^2 / 2 (scikit-learn's).
    Soft targets (n, C) enter as cross-entropy against the probabilities. L-BFGS to convergence, no randomness.
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
            require(value is None or value > 0, f"{name}={value}: the penalty of a probe is a number above 0.")

    def fit(self, inputs: Inputs, targets: IntArray | FloatArray) -> FittedProbe:
        """Train on n points: `targets` (n,) class codes, or (n, C) probabilities.

        Targets of a single class give a probe that always answers that class: the limit of the objective's minimiser.
        """
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        assert inputs.features is not None, "a probe reads features; a representation makes them"
        features = np.asarray(inputs.features, dtype=np.float64)
        scaler = StandardScaler().fit(features) if self.scale == "standard" else None
        scaled = features if scaler is None else scaler.transform(features)
        rows, classes, weights = as_weighted_rows(targets)
        n_classes = targets.shape[1] if targets.ndim == 2 else int(targets.max()) + 1
        present = np.unique(classes)
        if len(present) == 1:
            return FittedProbe(None, scaler, n_classes, only=int(present[0]))
        probe = LogisticRegression(
            C=self.C if self.C is not None else 1 / (2 * (self.l2 or PAPER_L2) * len(features)),
            tol=TOLERANCE,
            max_iter=MAX_ITERATIONS,
            fit_intercept=self.intercept,
        )
        everything = len(rows) == len(features) and targets.ndim == 1
        probe.fit(scaled if everything else scaled[rows], classes, sample_weight=weights)
        return FittedProbe(probe, scaler, n_classes)


@dataclass(frozen=True)
class FittedProbe:
    """A trained probe."""

    probe: LogisticRegression | None
    scaler: StandardScaler | None
    n_classes: int
    only: int | None = None
    """The one class among the targets, where there was only one."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; a class absent from the targets gets 0."""
        probabilities = np.zeros((len(inputs), self.n_classes))
        if self.probe is None:
            probabilities[:, self.only] = 1.0
        else:
            probabilities[:, self.probe.classes_] = self.probe.predict_proba(self.represent(inputs))
        return probabilities

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) the features the logits are linear in."""
        assert inputs.features is not None, "a probe reads features; a representation makes them"
        features = np.asarray(inputs.features, dtype=np.float64)
        return features if self.scaler is None else np.asarray(self.scaler.transform(features))


def as_weighted_rows(targets: IntArray | FloatArray) -> tuple[IntArray, IntArray, FloatArray | None]:
    """Targets as rows (r,), classes (r,) and weights (r,) of an equal weighted hard-label problem; no weights if hard.

    Cross-entropy against soft (n, C) targets is the weighted cross-entropy of every (point, class) with weight above 0.
    """
    if targets.ndim == 1:
        return np.arange(len(targets)), np.asarray(targets, dtype=np.int64), None
    rows, classes = np.nonzero(targets > 0)
    return rows, classes, np.asarray(targets[rows, classes], dtype=np.float64)
