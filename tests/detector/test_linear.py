"""Scores of linear maps against an independent expression."""

from __future__ import annotations

import dataclasses

import numpy as np

from tests.detector.planted import PROBE, points
from w2s.detector import (
    MapResidual,
    ProjectionResidual,
    PrototypeDistance,
)


def test_strong_features_implied_by_the_weak_ones_have_no_map_residual() -> None:
    draw = np.random.default_rng(1)
    weak = draw.normal(size=(80, 4))
    pool = points(weak @ draw.normal(size=(4, 6)), draw.uniform(size=80), weak)
    hard = np.arange(80) < 20
    assert np.max(MapResidual(ridge=1e-9).fit_score(pool, hard, PROBE)(pool)) < 1e-6
    other = dataclasses.replace(pool, strong=draw.normal(size=(80, 6)))
    assert np.min(MapResidual(ridge=1e-9).fit_score(other, hard, PROBE)(other)) > 0.1


def test_the_projection_residual_is_the_product_of_the_smoothers() -> None:
    draw = np.random.default_rng(2)
    pool = points(draw.normal(size=(60, 5)), draw.uniform(size=60), draw.normal(size=(60, 3)))
    labels = np.eye(2)[np.argmax(pool.probabilities, axis=1)]

    def smoother(x: np.ndarray) -> np.ndarray:
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        return np.ones((60, 60)) / 60 + z @ np.linalg.inv(z.T @ z + 0.1 * 60 * np.eye(z.shape[1])) @ z.T

    expected = np.linalg.norm(smoother(pool.strong) @ (np.eye(60) - smoother(pool.weak)) @ labels, axis=1)
    score = ProjectionResidual(ridge=0.1).fit_score(pool, np.arange(60) < 10, PROBE)(pool)
    np.testing.assert_allclose(score, expected, atol=1e-9)


def test_points_at_the_hard_prototype_score_above_points_at_a_class_prototype() -> None:
    strong = np.array([[0.0, 0.0], [0.2, 0.1], [4.0, 0.0], [4.2, 0.1], [0.0, 4.0], [0.1, 4.2]])
    pool = points(strong, [0.5, 0.5, 0.1, 0.1, 0.9, 0.9])
    score = PrototypeDistance().fit_score(pool, np.arange(6) < 2, PROBE)
    at = score(points([[0.1, 0.05], [4.1, 0.05], [2.0, 0.05]], [0.5, 0.5, 0.5]))
    assert at[0] > at[2] > at[1]
