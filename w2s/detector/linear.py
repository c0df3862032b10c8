"""Overlap by what a linear map finds in the strong representation and not in the weak one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.detector.base import Score, TwoStepDetector
from w2s.detector.rows import fit_linear
from w2s.errors import require
from w2s.protocols import Learner
from w2s.statistics.metrics import predicted
from w2s.types import BoolArray, Evidence, FloatArray


@dataclass(frozen=True, kw_only=True)
class _Linear(TwoStepDetector):
    ridge: float = 0.1
    """Penalty on standardised features in units of n, > 0."""

    def __post_init__(self) -> None:
        require(self.ridge > 0, f"ridge={self.ridge}: the penalty of a linear map is a number above 0.")


@dataclass(frozen=True, kw_only=True)
class ProjectionResidual(_Linear):
    """score = |(P_s (I - P_w) y)_i|: what a strong smoother finds in the weak labels that the weak smoother cannot.

    P_s and P_w are ridge smoothers of strong and weak features and y the (n, C) weak labels, one-hot; new points are read
    through the same maps. The operator is that of arXiv 2502.00620, there applied to true labels.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Fit the weak smoother to the labels, and the strong one to its residual."""
        labels = np.eye(evidence.probabilities.shape[1])[predicted(evidence.probabilities)]
        residual = labels - fit_linear(evidence.weak, labels, ridge=self.ridge)(evidence.weak)
        smoother = fit_linear(evidence.strong, residual, ridge=self.ridge)

        def score(points: Evidence) -> FloatArray:
            """(n,) of n points."""
            return np.asarray(np.linalg.norm(smoother(points.strong), axis=1))

        return score


@dataclass(frozen=True, kw_only=True)
class MapResidual(_Linear):
    """score = |x_s - W x_w|, W the ridge map from weak to strong features: content that the weak features do not imply.

    Strong features count in units of their own spread, so that no large coordinate decides.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Fit the map on the whole pool."""
        mapped = fit_linear(evidence.weak, evidence.strong, ridge=self.ridge)
        spread = evidence.strong.std(axis=0, dtype=np.float64)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)

        def score(points: Evidence) -> FloatArray:
            """(n,) of n points."""
            return np.asarray(np.linalg.norm((points.strong - mapped(points.weak)) * scale, axis=1))

        return score


@dataclass(frozen=True, kw_only=True)
class PrototypeDistance(_Linear):
    """score = squared distance to the nearest prototype of a weak class minus that to the hard points' prototype.

    Distances are Mahalanobis' under the covariance pooled within the groups, shrunk by `ridge` towards its mean variance
    (as in K. Lee et al., arXiv 1807.03888). Prototypes of weak classes are means of non-hard points.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Means of the hard points and of each weak class, and their common covariance."""
        groups = np.where(hard, -1, predicted(evidence.probabilities))
        names, members = np.unique(groups, return_inverse=True)
        means = np.stack([evidence.strong[groups == name].mean(axis=0, dtype=np.float64) for name in names])
        centred = evidence.strong - means[members]
        covariance = centred.T @ centred / len(centred)
        d = len(covariance)
        shrunk = (1 - self.ridge) * covariance if self.ridge < 1 else np.zeros_like(covariance)
        variance = max(float(np.trace(covariance)) / d, np.finfo(np.float64).tiny)
        factor = np.linalg.cholesky(shrunk + min(self.ridge, 1.0) * variance * np.eye(d))

        def score(points: Evidence) -> FloatArray:
            """(n,) of n points."""
            whitened, prototypes = (np.linalg.solve(factor, rows.T).T for rows in (points.strong, means))
            squared = np.stack([np.sum((whitened - prototype) ** 2, axis=1) for prototype in prototypes], axis=1)
            return np.asarray(squared[:, 1:].min(axis=1) - squared[:, 0])

        return score
