"""Overlap by what cross-fitted probes on the strong representation predict of the weak labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from w2s.detector.base import Score, TwoStepDetector
from w2s.detector.crossfit import CrossFit, cross_fit, logit
from w2s.detector.rows import LinearMap, row_uniform
from w2s.detector.threshold import Quantile
from w2s.protocols import Learner, NoiseThreshold, Threshold
from w2s.statistics.accuracy import predicted
from w2s.types import BoolArray, Evidence, FloatArray, IntArray
from w2s.utils.ranges import Fits, NotNegative, SeveralFits, Width


@dataclass(frozen=True, kw_only=True)
class _CrossFitted(TwoStepDetector):
    folds: SeveralFits = 5
    """Parts, each held out once."""
    repeats: Fits = 3
    """Times the parts are drawn anew."""


@dataclass(frozen=True, kw_only=True)
class ProbeDisagreement(_CrossFitted):
    """score = half the sum over classes of |p_strong - p_weak|, p_strong by probes cross-fitted on the pool's weak labels.

    Disagreement of classifiers on two views as in co-training (A. Blum, T. Mitchell, COLT 1998).
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> DisagreementScore:
        """Cross-fit probes on the whole pool."""
        return DisagreementScore(cross_fit(evidence, probe, folds=self.folds, repeats=self.repeats))


@dataclass(frozen=True)
class DisagreementScore:
    """Total variation distance of cross-fitted probes and the weak model."""

    cross_fit: CrossFit

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) in [0, 1]."""
        strong = 1 / (1 + np.exp(-self.cross_fit.logits(points)))
        strong /= np.maximum(strong.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return np.asarray(0.5 * np.abs(strong - points.probabilities).sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class ResidualBelief(_CrossFitted):
    """score = what only the strong representation says in favour of the weak label.

    (i) g_k: held-out logit of class k by class-balanced probes cross-fitted on the weak labels of the non-hard points.
    (ii) r_k = g_k minus its least-squares fit on the weak model's features, minus its mean within bins of the weak logit
    of class k: what the weak model knows is regressed out. (iii) score = r at the point's own weak label; with two classes
    that is the sign of the weak label times r_1.

    By default the lowest 40 % of each weak class are easy and the rest overlap. More than one pass trains the probes of
    the next on what the last one kept, among which fewer labels are wrong. New here, not in the paper.
    """

    threshold: Threshold | NoiseThreshold = field(default_factory=lambda: Quantile(0.4))
    within: Literal["pool", "weak_class"] = "weak_class"
    regress_out: Literal["features", "logit", "nothing"] = "features"
    """What is regressed out of g: the weak features and logit, the logit alone, or nothing (the plain belief)."""
    bins: Width = 30
    """Equally filled bins of the weak logit."""
    passes: Fits = 1
    """Times a score is fitted: from the second on, on the points that `threshold` kept."""
    labels: Literal["hard", "soft"] = "hard"
    """What the probes learn: the most probable weak classes, or the weak probabilities."""
    softness: NotNegative = 0.0
    """Logits. Above 0 a point is kept with probability sigmoid((score - tau) / softness), fixed for each point."""

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Cross-fit on the non-hard points, and learn there what the weak model explains."""
        rest = evidence.take(np.flatnonzero(~hard))
        score = self._residual(rest, rest, probe)
        for _ in range(self.passes - 1):
            kept = self._kept(score(rest), rest)
            if not kept.any():
                break
            score = self._residual(rest.take(np.flatnonzero(kept)), rest, probe)
        return score if self.softness == 0 else NoisyScore(score, self.softness, salt=evidence.seed + 1)

    def _residual(self, trained_on: Evidence, rest: Evidence, probe: Learner) -> ResidualScore:
        """Probes cross-fitted on some points, and what the weak model explains of their belief on all non-hard ones."""
        fitted = cross_fit(trained_on, probe, folds=self.folds, repeats=self.repeats, labels=self.labels)
        if self.regress_out == "nothing":
            return ResidualScore(fitted, None)
        belief = fitted.logits(rest)
        return ResidualScore(fitted, Explained.fit(rest, belief, linear=self.regress_out == "features", bins=self.bins))

    def _kept(self, scores: FloatArray, rest: Evidence) -> BoolArray:
        """(n,) which points lie above the threshold of the pool, or of their weak class."""
        return np.asarray(scores >= self._split(scores, rest)[self._groups(rest)])


@dataclass(frozen=True)
class Explained:
    """What the weak model explains of a belief (n, C): a linear map of its features, then means within bins of its logit."""

    linear: LinearMap | None
    edges: tuple[FloatArray, ...]
    """C of (b,): inner edges of the bins of each class's weak logit, ascending."""
    means: tuple[FloatArray, ...]
    """C of (b + 1,): mean in each bin of what the linear map leaves."""

    @staticmethod
    def fit(points: Evidence, belief: FloatArray, *, linear: bool, bins: int) -> Explained:
        """Fit to the (n, C) `belief` about these points; without the linear map unless `linear`."""
        fitted = LinearMap.fit(points.weak, belief, ridge=0.0) if linear else None
        left = belief if fitted is None else belief - fitted.predict(points.weak)
        weak = logit(points.probabilities)
        edges, means = zip(*(bin_means(weak[:, k], left[:, k], bins) for k in range(belief.shape[1])), strict=True)
        return Explained(fitted, edges, means)

    def predict(self, points: Evidence) -> FloatArray:
        """(n, C) of any n points."""
        weak = logit(points.probabilities)
        steps = enumerate(zip(self.edges, self.means, strict=True))
        binned = np.stack([means[np.searchsorted(edges, weak[:, k], side="right")] for k, (edges, means) in steps], axis=1)
        return binned if self.linear is None else binned + self.linear.predict(points.weak)


@dataclass(frozen=True)
class ResidualScore:
    """What is left of the probes' belief in each point's own weak label."""

    cross_fit: CrossFit
    explained: Explained | None
    """Taken out of the belief, if anything is."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) logits."""
        belief = self.cross_fit.logits(points)
        residual = belief if self.explained is None else belief - self.explained.predict(points)
        return np.asarray(np.take_along_axis(residual, predicted(points.probabilities)[:, None], axis=1)[:, 0])


@dataclass(frozen=True)
class NoisyScore:
    """A score with logistic noise, fixed for each point: a sharp cut of this one is a gradual cut of the other."""

    exact: Score
    softness: float
    """Scale of the noise, > 0."""
    salt: int
    """Of the noise's own stream."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) in the units of the exact score."""
        return np.asarray(self.exact(points) + self.softness * logit(row_uniform(points, salt=self.salt)))


def bin_means(x: FloatArray, y: FloatArray, bins: int) -> tuple[FloatArray, FloatArray]:
    """Inner edges of about equally filled bins of (n,) x, and the mean of (n,) y in each bin between them."""
    edges = np.unique(np.quantile(x, np.arange(1, bins) / bins)) if bins > 1 else np.empty(0)
    place: IntArray = np.searchsorted(edges, x, side="right")
    counts = np.bincount(place, minlength=len(edges) + 1)
    return edges, np.bincount(place, weights=y, minlength=len(edges) + 1) / np.maximum(counts, 1)
