"""The paper's detector: confidence splits off hard points, similarity to them finds overlap (section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from w2s.change_point import ChangePoint, Threshold
from w2s.metrics import confidence
from w2s.similarity import max_abs_cosine
from w2s.types import Evidence, FloatArray, Partition, Region

Features = Literal["frozen", "student"]


@dataclass(frozen=True, kw_only=True)
class MaxAbsCosine:
    """hard: confidence <= tau_hard; score of the rest: max over hard z of |cos(x, z)|; overlap: score >= tau_overlap.

    The released mixing experiment's variant, with an exact change point. Without a split of the confidences no point is
    assigned; without a split of the scores every non-hard point is easy. `Partition.reason` says so.
    """

    features: Features = "frozen"
    threshold: Threshold = field(default_factory=ChangePoint)

    def fit(self, evidence: Evidence) -> FittedCosine:
        """Set tau_hard, the hard points and tau_overlap on the pool."""
        confidences = confidence(evidence.probabilities)
        tau_hard = self.threshold.split(confidences)
        if tau_hard is None:
            return FittedCosine(None, None, None, "the confidences of the weak model show no split")
        hard = confidences <= tau_hard
        references = evidence.strong[hard]
        if hard.all():
            return FittedCosine(tau_hard, None, references, "every point counts as hard")
        scores = max_abs_cosine(evidence.strong[~hard], references)
        tau_overlap = self.threshold.split(scores)
        reason = None if tau_overlap is not None else "the overlap scores show no split"
        return FittedCosine(tau_hard, tau_overlap, references, reason)


@dataclass(frozen=True)
class FittedCosine:
    """Thresholds and hard points found in the pool."""

    threshold_hard: float | None
    threshold_overlap: float | None
    hard_points: FloatArray | None
    """(r, d) strong representations."""
    reason: str | None

    def partition(self, evidence: Evidence) -> Partition:
        """Regions of any n points by the pool's thresholds and hard points."""
        n = len(evidence)
        confidences = confidence(evidence.probabilities)
        regions = np.full(n, int(Region.UNKNOWN))
        score = np.full(n, np.nan)
        if self.threshold_hard is not None and self.hard_points is not None:
            hard = confidences <= self.threshold_hard
            score[~hard] = max_abs_cosine(evidence.strong[~hard], self.hard_points)
            regions[hard] = Region.HARD
            regions[~hard] = Region.EASY
            if self.threshold_overlap is not None:
                regions[~hard & (score >= self.threshold_overlap)] = Region.OVERLAP
        return Partition(regions, confidences, score, self.threshold_hard, self.threshold_overlap, self.reason)
