"""Scores of a partition against a planted truth, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.study.detection.evaluation import highest, moved, region_scores
from w2s.types import Region


def test_precision_recall_and_f1_of_a_region() -> None:
    found = np.array([2, 2, 2, 0, 1])
    truth = np.array([2, 0, 2, 2, 1])
    # Two of three found are right, two of three planted are found.
    assert region_scores(found, truth, Region.OVERLAP) == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3})
    assert region_scores(found, truth, Region.HARD) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert region_scores(found[3:], truth[:1], Region.OVERLAP)["precision"] is None


def test_moving_a_threshold_by_a_twentieth_of_the_range_moves_the_points_within_it() -> None:
    values = np.array([0.0, 0.46, 0.5, 0.54, 1.0])
    assert moved(values, 0.5) == pytest.approx(3 / 5)
    assert moved(values, None) is None


def test_the_highest_scores_are_picked_from_all_or_from_each_class() -> None:
    score = np.array([0.9, np.nan, 0.8, 0.1, 0.7, 0.2])
    classes = np.array([0, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(highest(score, 3, classes, None), [0, 2, 4])
    np.testing.assert_array_equal(highest(score, 4, classes, 2), [0, 2, 5, 3])
