"""What every scoring detector shares: split off hard points, score the rest, split off overlap (paper, section 3).

A detector built on this is one method, `fit_score`: from the pool's evidence and its hard points to a `Score` of any points.
A score looks at each row alone, so that a point's region never depends on the rest of its batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from w2s.detector.change_point import ChangePoint
from w2s.errors import DataError, require
from w2s.protocols import Learner, NoiseThreshold, Threshold
from w2s.statistics.accuracy import confidence, predicted
from w2s.types import BoolArray, Evidence, FloatArray, IntArray, Partition, Region
from w2s.utils.numerics import steady
from w2s.utils.ranges import checked

Features = Literal["frozen", "student"]
"""Which strong representation detection reads: the checkpoint's, or that of the student trained on all weak labels."""

HardTies = Literal["hard", "not_hard"]
"""What a point is whose confidence equals tau_hard."""

NO_ERROR = (
    "The evidence does not tell how often weak labels are wrong (Evidence.known), which this detector's threshold reads.\n"
    "Give it w2s.pool.weak_train.WeakTrain, or use a threshold that does without, such as ChangePoint()."
)


class Score(Protocol):
    """A fitted overlap score: a frozen dataclass of arrays, numbers and such dataclasses, so that it can be saved."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) scores of n >= 0 points, each a function of its own row."""
        ...


@dataclass(frozen=True, kw_only=True)
@checked
class TwoStepDetector(ABC):
    """hard: confidence below tau_hard; overlap: score of the rest at least tau_overlap; easy: what remains.

    Without a split of the confidences no point is assigned; without a split of the scores every non-hard point is easy.
    `Partition.reason` says so.
    """

    features: Features = "frozen"
    threshold: Threshold | NoiseThreshold = field(default_factory=ChangePoint)
    """Splits the scores of the non-hard points."""
    hard_threshold: Threshold = field(default_factory=ChangePoint)
    """Splits the confidences."""
    hard_ties: HardTies = "hard"
    """A confidence equal to tau_hard: `hard` as in the released mixing experiment, `not_hard` as in its source selection."""
    within: Literal["pool", "weak_class"] = "pool"
    """Whether one tau_overlap serves the pool, or each weak class has its own. Scores are then given relative to it."""

    @abstractmethod
    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """A score fitted on the pool, of which at least one point is `hard` (n,) and at least one is not.

        `probe` is for scores of cross-fitted models; it reads `Inputs.features`, the strong representation (n, d).
        """

    def fit(self, evidence: Evidence, probe: Learner) -> FittedTwoStep:
        """Set tau_hard, the score and tau_overlap on the pool.

        Raises:
            DataError: a representation or the probabilities hold NaN or infinite values.
        """
        check_finite(evidence)
        confidences = confidence(evidence.probabilities)
        tau_hard = self.hard_threshold.split(confidences)
        if tau_hard is None:
            return FittedTwoStep(
                self.features, self.hard_ties, None, None, None, "the confidences of the weak model show no split"
            )
        hard = is_hard(confidences, tau_hard, self.hard_ties)
        if hard.all() or not hard.any():
            what = "every point counts as hard" if hard.all() else "no point counts as hard"
            return FittedTwoStep(self.features, self.hard_ties, tau_hard, None, None, what)
        score = self.fit_score(evidence, hard, probe)
        rest = evidence.take(np.flatnonzero(~hard))
        tau = self._split(score(rest), rest)
        reason = None if np.isfinite(tau).any() else "the overlap scores show no split"
        return FittedTwoStep(self.features, self.hard_ties, tau_hard, score, tau, reason)

    def _groups(self, points: Evidence) -> IntArray:
        """(n,) which of the thresholds of `_split` each point is held against."""
        return predicted(points.probabilities) if self.within == "weak_class" else np.zeros(len(points), dtype=np.int64)

    def _split(self, scores: FloatArray, points: Evidence) -> FloatArray:
        """(1,) threshold of the pool, or (C,) of the weak classes, from scores (n,); infinite where there is no split."""
        groups = self._groups(points)
        n_groups = points.probabilities.shape[1] if self.within == "weak_class" else 1
        found = [self._split_group(scores[groups == k], points, groups == k) for k in range(n_groups)]
        return np.array([np.inf if tau is None else tau for tau in found])

    def _split_group(self, scores: FloatArray, points: Evidence, members: BoolArray) -> float | None:
        if not isinstance(self.threshold, NoiseThreshold):
            return self.threshold.split(scores)
        require(points.known is not None, NO_ERROR, DataError)
        assert points.known is not None, "refused above"
        return self.threshold.split_by_error(scores, points.known.error(points.probabilities[members]))


@dataclass(frozen=True)
class FittedTwoStep:
    """Thresholds and score found in the pool."""

    features: Features
    hard_ties: HardTies
    threshold_hard: float | None
    score: Score | None
    """None where there is no hard or no other point to fit it on."""
    threshold_overlap: FloatArray | None
    """(1,), or (C,) by weak class; infinite without a split."""
    reason: str | None

    def partition(self, evidence: Evidence) -> Partition:
        """Regions of any n points by the pool's thresholds and hard points.

        Raises:
            DataError: a representation or the probabilities hold NaN or infinite values.
        """
        check_finite(evidence)
        n = len(evidence)
        confidences = confidence(evidence.probabilities)
        regions, scores = np.full(n, int(Region.UNKNOWN)), np.full(n, np.nan)
        if self.threshold_hard is None:
            return Partition(regions, confidences, scores, reason=self.reason)
        hard = is_hard(confidences, self.threshold_hard, self.hard_ties)
        regions[:] = np.where(hard, int(Region.HARD), int(Region.EASY))
        tau = None
        if self.score is not None and self.threshold_overlap is not None:
            rest = evidence.take(np.flatnonzero(~hard))
            relative, tau = self._relative(steady(self.score, rest), rest.probabilities)
            scores[~hard] = relative
            regions[~hard] = np.where(relative >= (np.inf if tau is None else tau), int(Region.OVERLAP), int(Region.EASY))
        return Partition(regions, confidences, scores, self.threshold_hard, tau, self.reason)

    def _relative(self, scores: FloatArray, probabilities: FloatArray) -> tuple[FloatArray, float | None]:
        """The scores and the one threshold they are held against; relative to the class's own where there are several."""
        assert self.threshold_overlap is not None, "a score comes with its threshold"
        if len(self.threshold_overlap) == 1:
            tau = float(self.threshold_overlap[0])
            return scores, tau if np.isfinite(tau) else None
        own = self.threshold_overlap[predicted(probabilities)]
        no_split = np.isinf(own)
        return np.where(no_split, -np.inf, scores - np.where(no_split, 0.0, own)), 0.0


def is_hard(confidences: FloatArray, tau: float, ties: HardTies) -> BoolArray:
    """(n,) which points are hard; `ties` says on which side a confidence equal to `tau` falls."""
    return np.asarray(confidences <= tau if ties == "hard" else confidences < tau)


def check_finite(evidence: Evidence) -> None:
    """Refuse evidence that cannot be compared.

    Raises:
        DataError: naming what holds NaN or infinite values, and in how many points.
    """
    parts = {
        "strong representation": evidence.strong,
        "weak model's features": evidence.weak,
        "weak model's probabilities": evidence.probabilities,
    }
    for name, values in parts.items():
        broken = len(values) - int(np.isfinite(values).all(axis=1).sum())
        if broken:
            raise DataError(
                f"The {name} of {broken} of {len(values)} points hold NaN or infinite values; detection needs finite ones.\n"
                "Remove these points, or look for an overflow in a half-precision checkpoint (dtype: float32)."
            )
