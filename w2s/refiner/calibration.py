"""What weak_train's true labels tell of the weak model's confidence: calibration, reliability, trust.

The weak model's answers there are held out: each by a weak model trained without that point.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2s.protocols import PoolView
from w2s.refiner.base import known_of
from w2s.statistics.accuracy import confidence, predicted
from w2s.types import BoolArray, FloatArray
from w2s.utils.numerics import softmax
from w2s.utils.ranges import Steps, Width, checked

SMALLEST = 1e-12


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """softmax(log p / T) with the T that makes weak_train's true labels likeliest (C. Guo et al., ICML 2017)."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C) of the weak probabilities."""
        from scipy.optimize import minimize_scalar

        known = known_of(view)
        logits = np.log(np.maximum(known.probabilities, SMALLEST))
        rows = np.arange(len(logits))

        def loss(log_t: float) -> float:
            """Mean negative log likelihood at a temperature."""
            chosen = softmax(logits / np.exp(log_t))[rows, known.classes]
            return -float(np.mean(np.log(np.maximum(chosen, SMALLEST))))

        best = minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded")
        return softmax(np.log(np.maximum(view.evidence.probabilities, SMALLEST)) / np.exp(best.x))


@dataclass(frozen=True, kw_only=True)
class Isotonic:
    """Each class's probability on a rising curve of its share in weak_train, then brought to sum 1."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C); the weak probabilities where all curves say 0."""
        from sklearn.isotonic import IsotonicRegression

        known, weak = known_of(view), view.evidence.probabilities
        curves = []
        for k in range(targets.shape[1]):
            curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
            curves.append(curve.fit(known.probabilities[:, k], known.classes == k).predict(weak[:, k]))
        shares = np.stack(curves, axis=1)
        total = shares.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, shares / np.where(total > 0, total, 1.0), weak))


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """1 - the weak model's largest probability."""

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1)."""
        return np.asarray(1 - view.evidence.probabilities.max(axis=1))


@dataclass(frozen=True, kw_only=True)
class Unreliable:
    """P(the weak label is wrong): a logistic curve of the confidence, fitted on weak_train."""

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1]."""
        from sklearn.linear_model import LogisticRegression

        known = known_of(view)
        wrong = predicted(known.probabilities) != known.classes
        read = confidence(known.probabilities)[:, None]
        return chance_wrong(LogisticRegression(), read, wrong, confidence(view.evidence.probabilities)[:, None])


@dataclass(frozen=True, kw_only=True)
@checked
class Distrust:
    """P(the weak label is wrong) by a small network on the weak model's last hidden state (after arXiv 2606.01000)."""

    hidden: Width = 16
    epochs: Steps = 200

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1]."""
        from sklearn.neural_network import MLPClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        known = known_of(view)
        network = MLPClassifier((self.hidden,), alpha=1.0, max_iter=self.epochs, random_state=view.evidence.seed % 2**32)
        read = np.column_stack([known.weak, confidence(known.probabilities)])
        asked = np.column_stack([view.evidence.weak, confidence(view.evidence.probabilities)])
        model, wrong = make_pipeline(StandardScaler(), network), predicted(known.probabilities) != known.classes
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge
            return chance_wrong(model, read, wrong, asked)


def chance_wrong(model: Any, read: FloatArray, wrong: BoolArray, asked: FloatArray) -> FloatArray:
    """(n,) P(wrong) of the points `asked` by a classifier of `read` (m, e); where all or none are wrong, that share."""
    if len(np.unique(wrong)) < 2:
        return np.full(len(asked), float(wrong.mean()))
    return np.asarray(model.fit(read, wrong).predict_proba(asked)[:, 1])
