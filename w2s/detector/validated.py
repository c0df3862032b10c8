"""Picks that had to prove their worth: on weak_train's true labels, against random non-hard points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le

from w2s.detector.base import Features, check_finite
from w2s.detector.belief import ResidualBelief
from w2s.detector.rows import row_uniform
from w2s.detector.threshold import NoiseMatched
from w2s.errors import DataError, require
from w2s.protocols import Detector, FittedDetector, Learner
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.statistics.intervals import crossed
from w2s.types import Evidence, IntArray, Partition, Region
from w2s.utils.ranges import NotNegative, SeveralFits, checked

FEWEST_PER_CLASS = 4
"""Picks of a weak class below which students are not compared."""
NOTHING_KNOWN = (
    "detector=validated compares students on weak_train's true labels, and the evidence holds none (Evidence.known).\n"
    "Give it w2s.pool.weak_train.WeakTrain, or use detector=noise_matched."
)


def _refined_belief() -> dict[str, Detector]:
    return {"noise_matched": ResidualBelief(passes=3, threshold=NoiseMatched()), "refined_belief": ResidualBelief(passes=3)}


@dataclass(frozen=True)
class Trial:
    """A candidate's students against students of random non-hard points, on weak_train."""

    candidate: str
    size: int
    """Points that each student learned from; 0 where the candidate finds too few overlap points to compare."""
    gain: float
    """Difference in accuracy; 0 of no comparison."""
    error: float
    """Its standard error over draws and points of weak_train."""


@dataclass(frozen=True, kw_only=True)
@checked
class ValidatedDetector:
    """Of several detectors the one whose picks teach a student more than random non-hard points do, beyond noise.

    Students of equally many picks and non-hard points of the pool, both class-balanced, are asked about weak_train, whose
    true labels are known to whoever trained the weak model. The published protocol does not show these to the student; here
    they choose, but teach nothing. Where no candidate gains `errors` standard errors, every non-hard point counts as
    overlap: no evidence says that one is worth more than another, and picks are then random non-hard points.
    """

    features: Features = "frozen"
    """As all candidates'."""
    candidates: Mapping[str, Detector] = field(default_factory=_refined_belief)
    """Detectors to choose from, by name."""
    share: Annotated[float, Gt(0), Le(1)] = 0.1
    """Largest pick in the comparison, as a share of the pool."""
    draws: SeveralFits = 8
    """Students of each side."""
    errors: NotNegative = 2.0
    """Standard errors that a gain must exceed to count."""

    def __post_init__(self) -> None:
        require(len(self.candidates) > 0, "candidates names at least one detector.")
        for name, candidate in self.candidates.items():
            same = candidate.features == self.features
            require(same, f"candidates.{name} reads features={candidate.features}, the others {self.features}: choose one.")

    def fit(self, evidence: Evidence, probe: Learner) -> FittedValidated:
        """Fit the candidates on the pool and compare them on weak_train.

        Raises:
            DataError: nothing is known of weak_train, or the evidence holds NaN or infinite values.
        """
        require(evidence.known is not None, NOTHING_KNOWN, DataError)
        check_finite(evidence)
        fitted = {name: candidate.fit(evidence, probe) for name, candidate in self.candidates.items()}
        trials = tuple(self._try(name, each.partition(evidence), evidence) for name, each in fitted.items())
        best = max(trials, key=lambda trial: trial.gain - self.errors * trial.error)
        accepted = best.size > 0 and best.gain > self.errors * best.error
        chosen = fitted[best.candidate] if accepted else next(iter(fitted.values()))
        return FittedValidated(self.features, chosen, trials, best.candidate if accepted else None, evidence.seed + 1)

    def _try(self, name: str, partition: Partition, evidence: Evidence) -> Trial:
        classes = predicted(evidence.probabilities)
        overlap = partition.members(Region.OVERLAP)
        non_hard = partition.members(Region.EASY, Region.OVERLAP)
        n_classes = evidence.probabilities.shape[1]
        counts = np.bincount(classes[overlap], minlength=n_classes)
        each = min(int(self.share * len(evidence)) // n_classes, int(counts.min()))
        if each < FEWEST_PER_CLASS or len(overlap) == len(non_hard):
            return Trial(name, 0, 0.0, 0.0)
        assert evidence.known is not None, "refused before"
        sides = {"picks": overlap, "control": non_hard}
        picks = [
            evidence.take(balanced(members, classes, each, generator(evidence.seed, "validated", name, side, draw)))
            for side, members in sides.items()
            for draw in range(self.draws)
        ]
        right = evidence.known.trial(picks).astype(np.float64)
        moments = crossed((right[: self.draws] - right[self.draws :])[:, :, None])
        error = float(np.sqrt(moments.variance(np.ones(1))))
        return Trial(name, each * n_classes, float(moments.mean[0]), error)


@dataclass(frozen=True)
class FittedValidated:
    """The chosen detector, or every non-hard point."""

    features: Features
    detector: FittedDetector
    """The chosen one; the first candidate, for its hard points, where none is chosen."""
    trials: tuple[Trial, ...]
    chosen: str | None
    """The candidate that proved its worth."""
    salt: int

    @property
    def explanation(self) -> str:
        """What was compared, and what came of it."""
        tried = "; ".join(
            f"{trial.candidate} {100 * trial.gain:+.1f} points (standard error {100 * trial.error:.1f})"
            if trial.size
            else f"{trial.candidate} finds too few points to compare"
            for trial in self.trials
        )
        verdict = f"{self.chosen} is used" if self.chosen else "within noise, so that every non-hard point counts as overlap"
        return f"Detection compared its picks with random non-hard points on weak_train's true labels: {tried}; {verdict}."

    def partition(self, evidence: Evidence) -> Partition:
        """Regions of any n points: the chosen detector's, or its hard points and all others as overlap."""
        found = self.detector.partition(evidence)
        non_hard = np.isin(found.regions, (Region.EASY, Region.OVERLAP))
        if self.chosen is not None or found.threshold_hard is None:
            return found
        return replace(
            found,
            regions=np.where(non_hard, int(Region.OVERLAP), found.regions),
            score=np.where(non_hard, row_uniform(evidence, salt=self.salt), np.nan),
            threshold_overlap=0.0,
            reason=None if non_hard.any() else found.reason,
        )


def balanced(members: IntArray, classes: IntArray, each: int, draw: np.random.Generator) -> IntArray:
    """`each` of the positions `members` of every class, given the classes (n,) of all points."""
    groups = [members[classes[members] == k] for k in range(int(classes.max()) + 1)]
    return np.concatenate([draw.permutation(group)[:each] for group in groups])
