"""What finds overlap points, and its parts."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from w2s.protocols.model import Learner
from w2s.types import Evidence, FloatArray, Partition


@runtime_checkable
class Threshold(Protocol):
    """Splits values into a lower and an upper part."""

    def split(self, values: FloatArray) -> float | None:
        """The smallest value of the upper part of (n,) finite values; None where this method sees no split."""
        ...


@runtime_checkable
class NoiseThreshold(Protocol):
    """A threshold that knows how often the weak labels are wrong."""

    def split_by_error(self, values: FloatArray, error: FloatArray) -> float | None:
        """As `Threshold.split`, for points whose weak labels are wrong with probability `error` (n,)."""
        ...


@runtime_checkable
class OnlinePartitioner(Protocol):
    """A detector that is shown points batch by batch."""

    def add(self, evidence: Evidence) -> Partition:
        """The regions of a batch, in the light of all batches so far."""
        ...


@runtime_checkable
class OnlineDetector(Protocol):
    """A detector that partitions points as they come, recomputing nothing."""

    def online(self) -> OnlinePartitioner:
        """Begin with no points."""
        ...


@runtime_checkable
class FittedDetector(Protocol):
    """A detector that has seen the pool."""

    @property
    def features(self) -> str:
        """Which strong representation it reads, as its detector says."""
        ...

    def partition(self, evidence: Evidence) -> Partition:
        """The regions of any n points, by the thresholds and hard points found in the pool."""
        ...


@runtime_checkable
class ExplainsChoice(FittedDetector, Protocol):
    """A fitted detector that has chosen among others, and says by what; others have nothing to say."""

    @property
    def explanation(self) -> str:
        """A note for the run."""
        ...


@runtime_checkable
class Detector(Protocol):
    """Finds overlap points."""

    @property
    def features(self) -> str:
        """Which strong representation detection reads: `frozen`, or `student` (the one trained on all weak labels)."""
        ...

    def fit(self, evidence: Evidence, probe: Learner) -> FittedDetector:
        """Set thresholds and hard points from the pool's evidence; a detector that cross-fits trains `probe` on vectors."""
        ...
