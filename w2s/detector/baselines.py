"""Baselines: no statement, the planted truth, the weak model's confidence, random points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from w2s.detector.base import TwoStepDetector
from w2s.detector.rows import row_uniform
from w2s.detector.threshold import Quantile
from w2s.errors import ConfigError
from w2s.protocols import Learner, Threshold
from w2s.statistics.accuracy import confidence
from w2s.types import BoolArray, Column, Evidence, FloatArray, Partition, Region
from w2s.utils.ranges import checked


@dataclass(frozen=True, kw_only=True)
@checked
class NoDetector:
    """Makes no statement: every region is unknown, and what needs regions is skipped."""

    features: Literal["frozen"] = "frozen"

    def fit(self, evidence: Evidence, probe: Learner) -> NoDetector:
        """Nothing to fit."""
        return self

    def partition(self, evidence: Evidence) -> Partition:
        """Every point unknown."""
        n = len(evidence)
        regions = np.full(n, int(Region.UNKNOWN))
        reason = "the detector 'none' looks for no overlap"
        return Partition(regions, confidence(evidence.probabilities), np.full(n, np.nan), reason=reason)


@dataclass(frozen=True, kw_only=True)
@checked
class OracleDetector:
    """The planted truth."""

    reads: ClassVar[Column] = "planted"

    features: Literal["frozen"] = "frozen"

    def fit(self, evidence: Evidence, probe: Learner) -> OracleDetector:
        """Check that there is a truth to know.

        Raises:
            ConfigError: the data set plants none.
        """
        if evidence.planted is None:
            raise ConfigError(
                "detector=oracle reads planted regions, and this data set plants none.\n"
                "Use dataset=gaussian, or a detector that looks at the data, for example detector=paper."
            )
        return self

    def partition(self, evidence: Evidence) -> Partition:
        """The planted regions; score 1 on overlap and 0 on easy points."""
        assert evidence.planted is not None, "fit checks that the truth is planted"
        regions = np.asarray(evidence.planted.open("oracle detector"))
        score = np.where(regions == Region.HARD, np.nan, (regions == Region.OVERLAP).astype(np.float64))
        reason = None if np.any(regions == Region.OVERLAP) else "no overlap is planted"
        return Partition(regions, confidence(evidence.probabilities), score, reason=reason)


@dataclass(frozen=True, kw_only=True)
class ConfidenceDetector(TwoStepDetector):
    """score = the weak model's confidence: what remains of a detector that looks at no strong representation."""

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> ConfidenceScore:
        """Nothing to fit."""
        return ConfidenceScore()


@dataclass(frozen=True)
class ConfidenceScore:
    """The weak model's confidence."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) in [0, 1]."""
        return confidence(points.probabilities)


@dataclass(frozen=True, kw_only=True)
class RandomDetector(TwoStepDetector):
    """score = a number drawn for each point: random non-hard points, the control of every detector."""

    threshold: Threshold = field(default_factory=lambda: Quantile(0.4))

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> RandomScore:
        """Nothing to fit but the seed."""
        return RandomScore(salt=evidence.seed + 1)


@dataclass(frozen=True)
class RandomScore:
    """Uniform numbers, each a function of its point and the salt."""

    salt: int

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) in [0, 1)."""
        return row_uniform(points, salt=self.salt)
