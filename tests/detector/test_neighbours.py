"""Scores of neighbours on points placed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.detector.planted import PROBE, points
from w2s.detector import (
    CutStatistic,
    MixedNeighbourhood,
)


def test_the_mixed_neighbourhood_scores_highest_between_the_hard_and_the_confident() -> None:
    strong = np.array([[0.0], [0.1], [5.0], [10.0], [10.1]])
    pool = points(strong, [0.5, 0.5, 1.0, 1.0, 1.0])
    hard = np.array([True, True, False, False, False])
    score = MixedNeighbourhood(k=4).fit_score(pool, hard, PROBE)
    # The middle point has two hard neighbours of four; the last one two of four as well, but of three only one.
    assert score(pool)[2] == 1.0
    nearest_two = MixedNeighbourhood(k=1).fit_score(pool, hard, PROBE)
    assert nearest_two(pool)[4] == 0.0


def test_the_cut_statistic_falls_where_neighbours_carry_another_label() -> None:
    strong = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    pool = points(strong, [0.1, 0.1, 0.9, 0.9, 0.9, 0.9])
    score = CutStatistic(k=2).fit_score(pool, np.zeros(6, dtype=bool), PROBE)(pool)
    # By hand for the third point: both neighbours differ, p = 4/6, weights 1/1.1 and 1/1.2.
    w = np.array([1 / 1.1, 1 / 1.2])
    expected = -(w.sum() - (1 - 4 / 6) * w.sum()) / np.sqrt(4 / 6 * 2 / 6 * np.sum(w**2))
    assert score[2] == pytest.approx(expected)
    assert score[2] == score.min()
