"""One detector on one planted pool: how well it finds the regions, and what its picks are worth to a student."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from w2s.pool.pool import PreparedPool
from w2s.protocols import Detector
from w2s.statistics.accuracy import auc, correct, precision_recall_f1
from w2s.types import BoolArray, FloatArray, IntArray, Region

NUDGE = 0.05
"""How far thresholds are moved to see how many points change region, as a share of the range between extreme values."""


@dataclass(frozen=True, kw_only=True)
class DetectorEvaluation:
    """None where a quantity is undefined."""

    overlap_precision: float | None
    overlap_recall: float | None
    overlap_f1: float | None
    hard_precision: float | None
    hard_recall: float | None
    hard_f1: float | None
    easy_precision: float | None
    easy_recall: float | None
    easy_f1: float | None
    auc: float | None
    """Of the score, overlap against easy points, among those scored."""
    useful_auc: float | None
    """Of the score, overlap points with a right weak label against all others scored."""
    density_bias: float
    """Detected minus planted density."""
    moved_hard: float | None
    """Share of the points that change sides when tau_hard moves by `NUDGE` of the confidences' range, either way."""
    moved_overlap: float | None
    """The same for tau_overlap and the scores."""
    size: int
    """Points picked: as many as overlap points are planted, the highest scores first."""
    label_accuracy: float | None
    """Share of right weak labels among the picks."""
    accuracy: float | None
    """Test accuracy of the student trained on the picks."""
    balanced_accuracy: float | None
    """The same, with equally many picks of each weak class."""
    seconds: float
    """To fit and partition the pool."""


def evaluate_detector(prepared: PreparedPool, detector: Detector, *, size: int) -> DetectorEvaluation:
    """Fit `detector` on the prepared pool and compare it with what is planted there; `size` points are picked."""
    assert prepared.splits.pool.planted is not None, "detectors are evaluated on planted truth"
    truth = prepared.splits.pool.planted.open("evaluation of the detectors")
    right = correct(prepared.weak_pool, prepared.splits.pool.truth("evaluation of the detectors"))
    start = time.perf_counter()
    partition = prepared.partition_by(detector)
    seconds = time.perf_counter() - start
    scored = np.isfinite(partition.score)
    ours = {region: region_scores(partition.regions, truth, region) for region in (Region.OVERLAP, Region.HARD, Region.EASY)}
    picks = highest(partition.score, size, prepared.weak_classes, None)
    balanced = highest(partition.score, size, prepared.weak_classes, prepared.n_classes)
    known = scored & (truth != Region.HARD)
    return DetectorEvaluation(
        **{f"{region.name.lower()}_{name}": value for region, scores in ours.items() for name, value in scores.items()},
        auc=auc(partition.score[known], truth[known] == Region.OVERLAP),
        useful_auc=auc(partition.score[scored], (truth[scored] == Region.OVERLAP) & right[scored]),
        density_bias=partition.share(Region.OVERLAP) - float(np.mean(truth == Region.OVERLAP)),
        moved_hard=moved(partition.confidence, partition.threshold_hard),
        moved_overlap=moved(partition.score[scored], partition.threshold_overlap),
        size=size,
        label_accuracy=float(right[picks].mean()) if len(picks) else None,
        accuracy=student_accuracy(prepared, picks),
        balanced_accuracy=student_accuracy(prepared, balanced),
        seconds=seconds,
    )


def region_scores(found: IntArray, truth: IntArray, region: Region) -> dict[str, float | None]:
    """Precision, recall and F1 of one region; (n,) `Region` codes."""
    return dict(zip(("precision", "recall", "f1"), precision_recall_f1(found == region, truth == region), strict=True))


def moved(values: FloatArray, threshold: float | None) -> float | None:
    """Share of (n,) values within `NUDGE` of their range around the threshold; None without one."""
    if threshold is None or len(values) == 0 or not np.isfinite(values).all():
        return None
    return float(np.mean(np.abs(values - threshold) <= NUDGE * np.ptp(values)))


def highest(score: FloatArray, size: int, classes: IntArray, n_classes: int | None) -> IntArray:
    """Positions of the `size` highest finite scores, or of `size` // `n_classes` of each class where that is given.

    Equal scores in the order of the points, which is random in planted data.
    """

    def best(among: BoolArray, count: int) -> IntArray:
        """Positions of the `count` highest where (n,) `among` holds."""
        positions = np.flatnonzero(among & np.isfinite(score))
        return positions[np.argsort(-score[positions], kind="stable")[:count]]

    if n_classes is None:
        return best(np.ones(len(score), dtype=np.bool_), size)
    return np.concatenate([best(classes == k, size // n_classes) for k in range(n_classes)])


def student_accuracy(prepared: PreparedPool, picks: IntArray) -> float | None:
    """Test accuracy of the strong model trained on the weak labels of the picks; None without picks."""
    if len(picks) == 0:
        return None
    return float(np.mean(prepared.right_on_test(prepared.fit(picks))))
