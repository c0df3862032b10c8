"""Overlap by similarity to the hard points: the paper's score, and aggregates that a few contaminants cannot decide."""

from __future__ import annotations

from dataclasses import dataclass

from w2s.detector.base import TwoStepDetector
from w2s.detector.online import OnlineMaxSimilarity
from w2s.detector.similarity import Aggregate, Kernel, similarity
from w2s.errors import require
from w2s.protocols import Learner, NoiseThreshold
from w2s.types import BoolArray, Evidence, FloatArray
from w2s.utils.ranges import Count, Positive


@dataclass(frozen=True, kw_only=True)
class SimilarityDetector(TwoStepDetector):
    """score(x) = an aggregate over the hard points z of k(x, z), in the strong representation."""

    kernel: Kernel = "abs_cosine"
    """k(x, z): `cosine`, `abs_cosine`, or the raw `product`."""
    aggregate: Aggregate = "max"
    """`max`, `mean`, `top` (mean of the k largest), or `soft_max`: log-mean-exp at `sharpness`, divided by it."""
    k: Count = 10
    """Largest similarities averaged by `top`; all of them where there are fewer hard points."""
    sharpness: Positive = 10.0
    """Of `soft_max`: towards 0 it is the mean, towards infinity the max."""

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> SimilarityScore:
        """Keep the hard points."""
        return SimilarityScore(evidence.strong[hard], self.kernel, self.aggregate, self.k, self.sharpness)

    def online(self) -> OnlineMaxSimilarity:
        """A partition of points that come batch by batch.

        Raises:
            ConfigError: the score is no maximum, which alone is kept up without recomputing.
        """
        require(
            self.aggregate == "max" and self.within == "pool" and not isinstance(self.threshold, NoiseThreshold),
            f"aggregate={self.aggregate}, within={self.within}: batches are followed with aggregate=max and within=pool.\n"
            "Use detector=released_selection or detector=paper, or study.detection=refit.",
        )
        assert not isinstance(self.threshold, NoiseThreshold), "refused above"
        return OnlineMaxSimilarity(self, self.threshold, self.kernel)


@dataclass(frozen=True)
class SimilarityScore:
    """Aggregated similarity to reference points; see `SimilarityDetector` for the settings."""

    references: FloatArray
    """(h, d) hard points."""
    kernel: Kernel
    aggregate: Aggregate
    k: int
    sharpness: float

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) similarities."""
        return similarity(
            points.strong,
            self.references,
            kernel=self.kernel,
            aggregate=self.aggregate,
            k=self.k,
            sharpness=self.sharpness,
        )


@dataclass(frozen=True, kw_only=True)
class MaxAbsCosine(SimilarityDetector):
    """score(x) = max over hard z of |cos(x, z)| (paper, section 3)."""

    kernel: Kernel = "abs_cosine"
    aggregate: Aggregate = "max"


@dataclass(frozen=True, kw_only=True)
class MeanCosine(SimilarityDetector):
    """score(x) = mean over hard z of |cos(x, z)|: no single contaminant of the hard set decides.

    Where an absent pattern means exact zeros this finds the zeros, whether or not they hold a pattern.
    """

    kernel: Kernel = "abs_cosine"
    aggregate: Aggregate = "mean"
