"""Pieces that look at rows one by one."""

from __future__ import annotations

import numpy as np

from tests.detector.planted import points
from w2s.detector.rows import LinearMap, NearestNeighbours


def test_neighbours_leave_out_the_point_itself_and_its_duplicates() -> None:
    pool = points([[0.0], [0.0], [1.0], [3.0]], [0.9, 0.9, 0.9, 0.9])
    index, distance = NearestNeighbours.among(pool, 2).search(pool)
    assert sorted(index[0]) == [2, 3]
    np.testing.assert_allclose(np.sort(distance[0]), [1, 3])


def test_a_linear_fit_without_penalty_is_least_squares() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(50, 3)) * [1, 10, 0.1] + 5, draw.normal(size=(50, 2))
    design = np.column_stack([x, np.ones(50)])
    expected = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(LinearMap.fit(x, y, ridge=0.0).predict(x), expected, atol=1e-9)
    constant = np.column_stack([x, np.full(50, 3.0)])
    np.testing.assert_allclose(LinearMap.fit(constant, y, ridge=0.0).predict(constant), expected, atol=1e-9)
