"""What a few true labels a source can correct when a detector errs differently from source to source.

With false positive rate a and false negative rate b a detector reports a + (1 - a - b) o for a density o. Where a and b
differ between sources it can reverse their order, and no policy learns better from it. Each source is audited: a random
sample of its points gets a true label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, MinLen

from w2s.errors import require
from w2s.identity import identity
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.types import BoolArray, FloatArray
from w2s.utils.ranges import Count, Seed, Share, Steps, checked, require_room


@dataclass(frozen=True)
class Audits:
    """R audits of K sources, n labels each."""

    detected: FloatArray
    """(R, K) share of points that the detector takes for overlap."""
    found: BoolArray
    """(R, K, n) the detector's answer on the audited points."""
    truth: BoolArray
    """(R, K, n) the truth on the audited points."""


def by_detector(audits: Audits) -> FloatArray:
    """(R, K) what the detector says."""
    return audits.detected


def by_audit(audits: Audits) -> FloatArray:
    """(R, K) the share of overlap among the audited points."""
    return np.asarray(audits.truth.mean(axis=2))


def by_pooled_correction(audits: Audits) -> FloatArray:
    """(R, K) in [0, 1], (detected - a) / (1 - a - b) with rates from all audits together (Rogan & Gladen, AJE 107, 1978).

    One line for all sources: it never changes their order.
    """
    false_positive, false_negative = _rates(audits, axis=(1, 2))
    return _corrected(audits.detected, false_positive[:, None], false_negative[:, None])


def by_own_correction(audits: Audits) -> FloatArray:
    """(R, K) in [0, 1], Rogan and Gladen's correction with each source's own rates."""
    return _corrected(audits.detected, *_rates(audits, axis=2))


def by_strata(audits: Audits) -> FloatArray:
    """(R, K) in [0, 1], detected x P(overlap | found) + (1 - detected) x P(overlap | not found), each from the audit.

    A stratum without an audited point takes the source's whole audit.
    """
    whole = by_audit(audits)

    def within(members: BoolArray) -> FloatArray:
        """(R, K) share of overlap among the audited members."""
        n = members.sum(axis=2)
        return np.where(n > 0, (audits.truth & members).sum(axis=2) / np.maximum(n, 1), whole)

    return np.asarray(audits.detected * within(audits.found) + (1 - audits.detected) * within(~audits.found))


def by_prediction(audits: Audits) -> FloatArray:
    """(R, K), detected + mean(truth - found) over the audit: prediction-powered (Angelopoulos et al., Science 382, 2023)."""
    return np.asarray(audits.detected + (audits.truth.astype(float) - audits.found).mean(axis=2))


ESTIMATORS: Mapping[str, Callable[[Audits], FloatArray]] = {
    "detector": by_detector,
    "audit alone": by_audit,
    "pooled correction": by_pooled_correction,
    "correction by source": by_own_correction,
    "post-stratified": by_strata,
    "prediction-powered": by_prediction,
}


def _rates(audits: Audits, axis: int | tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """False positive and negative rates; 0 where an audit has no point of a kind."""
    overlap, others = audits.truth.sum(axis=axis), (~audits.truth).sum(axis=axis)
    false_positive = (audits.found & ~audits.truth).sum(axis=axis) / np.maximum(others, 1)
    false_negative = (~audits.found & audits.truth).sum(axis=axis) / np.maximum(overlap, 1)
    return false_positive, false_negative


def _corrected(detected: FloatArray, false_positive: FloatArray, false_negative: FloatArray) -> FloatArray:
    slope = 1 - false_positive - false_negative
    return np.clip((detected - false_positive) / np.where(np.abs(slope) < 1e-6, 1e-6, slope), 0, 1)


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Audit:
    """How near each way of using an audit comes to the true densities, and how often it names the densest source."""

    densities: Annotated[tuple[Share, ...], MinLen(2)]
    """(K,) true overlap densities."""
    false_positive: tuple[Share, ...]
    """(K,)"""
    false_negative: tuple[Share, ...]
    """(K,)"""
    labels: Annotated[tuple[Count, ...], MinLen(1)] = (10, 25, 50, 100, 200)
    """Audited points a source."""
    size: int = 2_000
    """Points of each source, of which the audited ones are some."""
    repetitions: Annotated[Steps, Ge(2)] = 4_000
    seed: Seed = 0

    def __post_init__(self) -> None:
        k = len(self.densities)
        for name in ("false_positive", "false_negative"):
            values = getattr(self, name)
            require(len(values) == k, f"{name}={list(values)}: one is needed for each of the {k} sources.")
        require(self.size >= max(self.labels), f"size={self.size}: a source holds at least its {max(self.labels)} labels.")
        numbers = self.repetitions * len(self.densities) * max(self.labels)
        require_room(numbers, f"study: {self.repetitions:,} audits of {max(self.labels):,} labels")

    def run(self, recorder: Recorder) -> None:
        """Audit with each number of labels; `audit.parquet` has the errors."""
        import pandas as pd

        truth = np.array(self.densities)
        with recorder.stage("audit"):
            for labels in self.labels:
                audits = self.draw(labels)
                for name, estimate in ESTIMATORS.items():
                    found = estimate(audits)
                    error = float(np.mean(np.abs(found - truth)))
                    right = float(np.mean(np.argmax(found, axis=1) == truth.argmax()))
                    row = {"labels": labels, "estimator": name, "error": error, "right_source": right}
                    recorder.table("audit", pd.DataFrame([row]))
                    key = f"audit/{name.replace(' ', '_')}/{labels}"
                    recorder.record({f"{key}/error": error, f"{key}/right_source": right})

    def draw(self, labels: int) -> Audits:
        """Sources, detections and audits of all repetitions."""
        draw = generator(self.seed, "audit", labels)
        o, a, b = (np.array(values)[None, :, None] for values in (self.densities, self.false_positive, self.false_negative))
        shape = (self.repetitions, len(self.densities), labels)
        truth = draw.random(shape) < o
        found = draw.random(shape) < np.where(truth, 1 - b, a)
        rest = draw.binomial(self.size - labels, (a + (1 - a - b) * o)[..., 0], size=shape[:2])
        return Audits((found.sum(axis=2) + rest) / self.size, found, truth)
