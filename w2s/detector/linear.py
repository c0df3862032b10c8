"""Overlap by what a linear map finds in the strong representation and not in the weak one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.detector.base import TwoStepDetector
from w2s.detector.rows import LinearMap
from w2s.protocols import Learner
from w2s.statistics.accuracy import predicted
from w2s.types import BoolArray, Evidence, FloatArray
from w2s.utils.ranges import Positive


@dataclass(frozen=True, kw_only=True)
class _Linear(TwoStepDetector):
    ridge: Positive = 0.1
    """Penalty on standardised features in units of n."""


@dataclass(frozen=True, kw_only=True)
class ProjectionResidual(_Linear):
    """score = |(P_s (I - P_w) y)_i|: what a strong smoother finds in the weak labels that the weak smoother cannot.

    P_s and P_w are ridge smoothers of strong and weak features and y the (n, C) weak labels, one-hot; new points are read
    through the same maps. The operator is that of arXiv 2502.00620, there applied to true labels.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> ProjectionScore:
        """Fit the weak smoother to the labels, and the strong one to its residual."""
        labels = np.eye(evidence.probabilities.shape[1])[predicted(evidence.probabilities)]
        residual = labels - LinearMap.fit(evidence.weak, labels, ridge=self.ridge).predict(evidence.weak)
        return ProjectionScore(LinearMap.fit(evidence.strong, residual, ridge=self.ridge))


@dataclass(frozen=True)
class ProjectionScore:
    """Length of a strong smoother's prediction."""

    smoother: LinearMap
    """From the strong features to the weak smoother's residual (n, C)."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) >= 0."""
        return np.asarray(np.linalg.norm(self.smoother.predict(points.strong), axis=1))


@dataclass(frozen=True, kw_only=True)
class MapResidual(_Linear):
    """score = |x_s - W x_w|, W the ridge map from weak to strong features: content that the weak features do not imply.

    Strong features count in units of their own spread, so that no large coordinate decides.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> MapResidualScore:
        """Fit the map on the whole pool."""
        spread = evidence.strong.std(axis=0, dtype=np.float64)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        return MapResidualScore(LinearMap.fit(evidence.weak, evidence.strong, ridge=self.ridge), scale)


@dataclass(frozen=True)
class MapResidualScore:
    """Length of what a map from weak to strong features leaves."""

    implied: LinearMap
    """From the weak features to the strong ones."""
    scale: FloatArray
    """(d,) one over the spread of each strong feature; 0 for a constant one."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) >= 0."""
        residual = points.strong - self.implied.predict(points.weak)
        return np.asarray(np.linalg.norm(residual * self.scale, axis=1))


@dataclass(frozen=True, kw_only=True)
class PrototypeDistance(_Linear):
    """score = squared distance to the nearest prototype of a weak class minus that to the hard points' prototype.

    Distances are Mahalanobis' under the covariance pooled within the groups, shrunk by `ridge` towards its mean variance
    (as in K. Lee et al., arXiv 1807.03888). Prototypes of weak classes are means of non-hard points.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> PrototypeScore:
        """Means of the hard points and of each weak class, and their common covariance."""
        groups = np.where(hard, -1, predicted(evidence.probabilities))
        names, members = np.unique(groups, return_inverse=True)
        means = np.stack([evidence.strong[groups == name].mean(axis=0, dtype=np.float64) for name in names])
        centred = evidence.strong - means[members]
        covariance = centred.T @ centred / len(centred)
        d = len(covariance)
        shrunk = (1 - self.ridge) * covariance if self.ridge < 1 else np.zeros_like(covariance)
        variance = max(float(np.trace(covariance)) / d, np.finfo(np.float64).tiny)
        return PrototypeScore(np.linalg.cholesky(shrunk + min(self.ridge, 1.0) * variance * np.eye(d)), means)


@dataclass(frozen=True)
class PrototypeScore:
    """Mahalanobis distances to prototypes."""

    factor: FloatArray
    """(d, d) lower triangular Cholesky factor of the covariance."""
    prototypes: FloatArray
    """(1 + q, d) of the hard points, and of the q <= C weak classes that occur."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) above 0 where the hard prototype is the nearest."""
        whitened, prototypes = (np.linalg.solve(self.factor, rows.T).T for rows in (points.strong, self.prototypes))
        squared = np.stack([np.sum((whitened - prototype) ** 2, axis=1) for prototype in prototypes], axis=1)
        return np.asarray(squared[:, 1:].min(axis=1) - squared[:, 0])
