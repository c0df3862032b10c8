"""The two steps that all scoring detectors share, on evidence small enough to work by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from w2s.detector import (
    CutStatistic,
    MapResidual,
    MeanCosine,
    MixedNeighbourhood,
    ProbeDisagreement,
    ResidualBelief,
)
from w2s.detector.base import Score, TwoStepDetector
from w2s.detector.threshold import Quantile, UnlessUnimodal
from w2s.errors import ConfigError
from w2s.model import LogisticProbe
from w2s.protocols import Learner
from w2s.types import BoolArray, Evidence, Region

PROBE = LogisticProbe()


@dataclass(frozen=True, kw_only=True)
class FirstFeature(TwoStepDetector):
    """The score is the first strong feature."""

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        return lambda points: points.strong[:, 0]


def evidence(confidence: list[float], score: list[float], classes: list[int] | None = None) -> Evidence:
    """Two classes; the more probable one is class 1 unless `classes` says otherwise."""
    top = 0.5 + np.array(confidence) / 2
    p_1 = top if classes is None else np.where(np.array(classes) == 1, top, 1 - top)
    strong = np.array(score)[:, None]
    return Evidence(strong, strong, np.stack([1 - p_1, p_1], axis=1))


def test_low_confidence_is_hard_and_a_high_score_among_the_rest_overlap() -> None:
    # Confidences {0, .1} and {.8, .9, 1}: hard is the lower pair. Scores of the rest {1, 2} and {9}.
    points = evidence([0.0, 0.9, 0.1, 0.8, 1.0], [5, 1, 5, 9, 2])
    partition = FirstFeature(hard_ties="not_hard").fit(points, PROBE).partition(points)
    expected = [Region.HARD, Region.EASY, Region.HARD, Region.OVERLAP, Region.EASY]
    np.testing.assert_array_equal(partition.regions, expected)
    assert partition.threshold_hard == pytest.approx(0.8)
    assert partition.threshold_overlap == 9
    assert partition.reason is None


def test_a_confidence_equal_to_the_threshold_is_hard_as_released_for_mixing_and_kept_as_released_for_selection() -> None:
    points = evidence([0.0, 0.9, 0.1, 0.8, 1.0], [5, 1, 5, 9, 2])
    assert FirstFeature(hard_ties="hard").fit(points, PROBE).partition(points).regions[3] == Region.HARD
    assert FirstFeature(hard_ties="not_hard").fit(points, PROBE).partition(points).regions[3] == Region.OVERLAP


def test_each_weak_class_can_have_its_own_threshold_and_scores_are_relative_to_it() -> None:
    points = evidence([0.0, 1.0, 1.0, 1.0, 1.0], [0, 1, 2, 101, 102], classes=[1, 0, 0, 1, 1])
    detector = FirstFeature(within="weak_class", threshold=Quantile(0.5), hard_ties="not_hard")
    partition = detector.fit(points, PROBE).partition(points)
    np.testing.assert_array_equal(partition.regions[1:], [Region.EASY, Region.OVERLAP, Region.EASY, Region.OVERLAP])
    np.testing.assert_allclose(partition.score[1:], [-1, 0, -1, 0])
    assert partition.threshold_overlap == 0


def test_thresholds_of_the_pool_decide_new_points() -> None:
    pool = evidence([0.0, 0.9, 0.1, 0.8, 1.0], [5, 1, 5, 9, 2])
    fitted = FirstFeature(hard_ties="not_hard").fit(pool, PROBE)
    new = evidence([0.79, 0.81, 0.81], [100, 8.9, 9.1])
    np.testing.assert_array_equal(fitted.partition(new).regions, [Region.HARD, Region.EASY, Region.OVERLAP])


def test_equal_confidences_leave_every_point_unknown_and_say_why() -> None:
    points = evidence([0.5, 0.5, 0.5], [1, 2, 3])
    partition = FirstFeature().fit(points, PROBE).partition(points)
    assert set(partition.regions) == {Region.UNKNOWN}
    assert "confidences" in partition.reason


def test_two_confidence_values_make_every_point_hard_where_ties_are_hard() -> None:
    points = evidence([0.0, 1.0, 1.0, 0.0], [1, 2, 3, 4])
    partition = FirstFeature(hard_ties="hard").fit(points, PROBE).partition(points)
    assert set(partition.regions) == {Region.HARD}
    assert partition.reason == "every point counts as hard"


def test_equal_scores_leave_every_point_easy_and_say_why() -> None:
    points = evidence([0.0, 1.0, 1.0, 0.9], [7, 7, 7, 7])
    partition = FirstFeature(hard_ties="not_hard").fit(points, PROBE).partition(points)
    np.testing.assert_array_equal(partition.regions, [Region.HARD, Region.EASY, Region.EASY, Region.EASY])
    assert "scores show no split" in partition.reason


def test_a_pool_without_two_groups_of_scores_comes_back_without_overlap_when_asked_to_test() -> None:
    draw = np.random.default_rng(0)
    points = evidence([0.0] * 50 + [0.9] * 100, list(draw.normal(size=150)))
    plain = FirstFeature(hard_ties="not_hard")
    tested = FirstFeature(hard_ties="not_hard", threshold=UnlessUnimodal())
    assert plain.fit(points, PROBE).partition(points).share(Region.OVERLAP) > 0.2
    partition = tested.fit(points, PROBE).partition(points)
    assert partition.share(Region.OVERLAP) == 0
    assert partition.reason is not None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ResidualBelief(folds=1), "folds=1"),
        (lambda: ResidualBelief(bins=0), "bins=0"),
        (lambda: ResidualBelief(passes=0), "passes=0"),
        (lambda: ResidualBelief(softness=-1.0), "softness=-1"),
        (lambda: ProbeDisagreement(repeats=0), "repeats=0"),
        (lambda: MixedNeighbourhood(k=0), "k=0"),
        (lambda: CutStatistic(k=0), "k=0"),
        (lambda: MapResidual(ridge=0.0), "ridge=0"),
        (lambda: MeanCosine(k=0), "k=0"),
        (lambda: MeanCosine(sharpness=0.0), "sharpness=0"),
    ],
)
def test_settings_outside_their_range_are_refused(make: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()
