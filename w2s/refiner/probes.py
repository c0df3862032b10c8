"""Labels in the light of students of the strong representation, none of which judges points that it was trained on."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field

import numpy as np

from w2s.errors import ModelError, require
from w2s.protocols import Detector, PoolView
from w2s.refiner.base import Opinion, most
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted, predicted_at_prior
from w2s.statistics.held_out import cross_fitted
from w2s.types import FloatArray
from w2s.utils.ranges import Fits, SeveralFits, Share, checked

STREAM = "refiner"


@dataclass(frozen=True, kw_only=True)
@checked
class ProbeOpinion:
    """What probes say that were trained on the weak labels of the other folds."""

    folds: Fits = 5
    """Parts, each held out once; 1 judges points by a probe trained on them, as released code does."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C)."""
        return cross_fitted(view.probe, view.strong, targets, seed=view.evidence.seed, folds=self.folds, stream=STREAM)


@dataclass(frozen=True, kw_only=True)
@checked
class LogConfidence:
    """(1 - weight) weak label + weight x the probes' answer hardened at the quantiles that keep the weak classes' shares.

    The auxiliary confidence loss of Burns et al. (2023) as an outer loop: for probes, whose loss is fixed.
    """

    weight: Share = 0.5
    opinion: Opinion = field(default_factory=ProbeOpinion)

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C)."""
        hardened = predicted_at_prior(self.opinion.labels(view, targets), targets.mean(axis=0))
        return (1 - self.weight) * targets + self.weight * np.eye(targets.shape[1])[hardened]


@dataclass(frozen=True, kw_only=True)
@checked
class SelfConsistent:
    """Labels on which weak model and held-out probes agree; a probe trained on those says what the others should be.

    After arXiv 2503.04249.
    """

    opinion: Opinion = field(default_factory=ProbeOpinion)

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C); all as they were where nothing agrees."""
        agreed = predicted(self.opinion.labels(view, targets)) == predicted(targets)
        kept, rest = np.flatnonzero(agreed), np.flatnonzero(~agreed)
        labels = targets.copy()
        if len(kept) and len(rest):
            labels[rest] = view.probe.fit(view.strong.take(kept), targets[kept]).predict(view.strong.take(rest))
        return labels


@dataclass(frozen=True, kw_only=True)
@checked
class Disagreement:
    """Total variation between the weak label and an opinion: |difference of the probabilities| with two classes."""

    opinion: Opinion = field(default_factory=ProbeOpinion)

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1]."""
        return np.asarray(np.abs(self.opinion.labels(view, targets) - targets).sum(axis=1) / 2)


@dataclass(frozen=True, kw_only=True)
@checked
class SmallLoss:
    """Two students on halves of the pool, each trained on those points of its half on which the other one's loss is small.

    Co-teaching (B. Han et al., arXiv 1804.06872) with convex students: rounds in place of epochs.
    """

    share: Share = 0.2
    """Of each half left out in the last round; the share grows from 0 over the rounds."""
    rounds: SeveralFits = 4

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1], 1 - exp(-loss) by the student of the other half; a pool of one point is not doubted."""
        order = generator(view.evidence.seed, STREAM, "small loss").permutation(len(targets))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        loss = np.zeros(len(targets))
        for turn in range(self.rounds if len(halves[0]) else 0):
            left_out = self.share * turn / (self.rounds - 1)
            own = [half[~most(loss[half], left_out)] for half in halves]
            for mine, other in zip(own, reversed(halves), strict=True):
                if len(mine):
                    answer = view.probe.fit(view.strong.take(mine), targets[mine]).predict(view.strong.take(other))
                    loss[other] = -np.sum(targets[other] * np.log(np.maximum(answer, 1e-12)), axis=1)
        return np.asarray(-np.expm1(-loss))


@dataclass(frozen=True, kw_only=True)
@checked
class Unbelieved:
    """What a detector's score says against the weak label: its easy points are doubted by more than 1/2.

    Points without a score, such as hard ones, are doubted by 1/2: nothing is said of them.
    """

    detector: Detector

    def __post_init__(self) -> None:
        frozen = self.detector.features == "frozen"
        require(frozen, "refiner.detector reads a student's features, and no student is trained yet: take features=frozen.")

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1], sigmoid(threshold - score)."""
        from scipy.special import expit

        found = self.detector.fit(view.evidence, view.probe).partition(view.evidence)
        margin = found.score - (found.threshold_overlap or 0.0)
        return np.asarray(expit(-np.where(np.isfinite(margin), margin, 0.0)))


@dataclass(frozen=True, kw_only=True)
@checked
class ConfidentLearning:
    """Label issues as cleanlab finds them from held-out predictions (Northcutt et al., arXiv 1911.00068); an extra."""

    opinion: Opinion = field(default_factory=ProbeOpinion)
    by: str = "prune_by_noise_rate"
    """cleanlab's `filter_by`."""

    def check(self) -> None:
        """Refuse where the package is not installed, without importing it.

        Raises:
            ModelError: naming the extra and another refiner.
        """
        if importlib.util.find_spec("cleanlab") is None:
            raise ModelError(
                "refiner=confident_learning needs the package cleanlab, which is not installed.\n"
                "Install it with: pip install 'w2s[refine]', or use refiner=probe_filter (in a study: leave it out)."
            )

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) 1 for an issue, else 0; none where there is one class alone."""
        classes = predicted(targets)
        if len(np.unique(classes)) < 2:
            return np.zeros(len(classes))
        self.check()
        from cleanlab.filter import find_label_issues

        answers = self.opinion.labels(view, targets)
        return np.asarray(find_label_issues(classes, answers, filter_by=self.by, n_jobs=1), dtype=np.float64)
