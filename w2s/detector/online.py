"""Detection of points that come batch by batch, as the released source-selection module does it, recomputing nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from w2s.detector.base import TwoStepDetector, check_finite, is_hard
from w2s.detector.similarity import Kernel, similarity
from w2s.protocols import Threshold
from w2s.statistics.accuracy import confidence
from w2s.types import Evidence, FloatArray, Partition, Region


@dataclass
class OnlineMaxSimilarity:
    """The hard points of a batch join those of all earlier batches; scores are maxima over the enlarged set.

    tau_hard splits the batch's own confidences. tau_overlap splits the scores of all non-hard points so far, the earlier
    ones raised by the batch's hard points. A batch without a split of its confidences is not assigned and not kept.
    """

    detector: TwoStepDetector
    threshold: Threshold
    """The detector's own, of the scores."""
    kernel: Kernel
    hard: FloatArray | None = None
    """(h, d) hard points so far."""
    rest: FloatArray | None = None
    """(r, d) other points so far."""
    scores: FloatArray = field(default_factory=lambda: np.zeros(0))
    """(r,) their scores; -inf while there is no hard point."""

    def add(self, evidence: Evidence) -> Partition:
        """The regions of a batch of n points, in the light of all batches so far.

        Raises:
            DataError: a representation or the probabilities hold NaN or infinite values.
        """
        check_finite(evidence)
        n, confidences = len(evidence), confidence(evidence.probabilities)
        regions, scores = np.full(n, int(Region.UNKNOWN)), np.full(n, np.nan)
        tau_hard = self.detector.hard_threshold.split(confidences)
        if tau_hard is None:
            return Partition(regions, confidences, scores, reason="the confidences of the batch show no split")
        hard = is_hard(confidences, tau_hard, self.detector.hard_ties)
        self._add_hard(evidence.strong[hard])
        new = self._scored(evidence.strong[~hard], self.hard)
        self.rest = joined(self.rest, evidence.strong[~hard])
        self.scores = np.append(self.scores, new)
        finite = np.isfinite(self.scores)
        tau = self.threshold.split(self.scores[finite]) if finite.any() else None
        regions[hard], scores[~hard] = Region.HARD, new
        regions[~hard] = np.where(new >= (np.inf if tau is None else tau), int(Region.OVERLAP), int(Region.EASY))
        return Partition(regions, confidences, scores, tau_hard, tau)

    def _add_hard(self, hard: FloatArray) -> None:
        """Raise the earlier scores by new hard points."""
        if self.rest is not None and len(hard):
            self.scores = np.maximum(self.scores, self._scored(self.rest, hard))
        self.hard = joined(self.hard, hard)

    def _scored(self, points: FloatArray, hard: FloatArray | None) -> FloatArray:
        if hard is None or len(hard) == 0 or len(points) == 0:
            return np.full(len(points), -np.inf)
        return similarity(points, hard, kernel=self.kernel, aggregate="max")


def joined(known: FloatArray | None, new: FloatArray) -> FloatArray:
    """Rows (n, d) and new rows (m, d), one after the other."""
    return new if known is None else np.concatenate([known, new])
