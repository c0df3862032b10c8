"""Ways to say which bought points overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from w2s.protocols import Detector, Learner, OnlinePartitioner
from w2s.types import BoolArray, Evidence, IntArray, Region


class Assessor(Protocol):
    """Says which bought points overlap."""

    def assess(self, points: IntArray) -> BoolArray:
        """(m,) whether the points just bought, at positions (m,) of the pool, overlap."""
        ...


@dataclass(frozen=True)
class PoolAssessor:
    """Asks the partition of the whole pool: thresholds and hard points were found on all of it."""

    overlap: BoolArray
    """(n,)"""

    def assess(self, points: IntArray) -> BoolArray:
        """Look the points up."""
        return np.asarray(self.overlap[points])


@dataclass(frozen=True)
class OnlineAssessor:
    """Asks an online detector: it knows of nothing but what was bought."""

    partitioner: OnlinePartitioner
    evidence: Evidence
    """Of the pool."""

    def assess(self, points: IntArray) -> BoolArray:
        """Show the batch to the partitioner."""
        return np.asarray(self.partitioner.add(self.evidence.take(points)).regions == Region.OVERLAP)


@dataclass
class RefitAssessor:
    """Fits a detector anew on everything bought so far."""

    detector: Detector
    probe: Learner
    """For detectors that cross-fit."""
    evidence: Evidence
    """Of the pool."""
    bought: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def assess(self, points: IntArray) -> BoolArray:
        """Fit, then partition the batch."""
        self.bought = np.append(self.bought, points)
        fitted = self.detector.fit(self.evidence.take(self.bought), self.probe)
        return np.asarray(fitted.partition(self.evidence.take(points)).regions == Region.OVERLAP)
