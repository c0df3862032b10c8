"""Probes that score only points they did not see."""

from __future__ import annotations

import numpy as np

from tests.detector.planted import PROBE, planted, points
from w2s.detector.crossfit import balancing, cross_fit, logit
from w2s.model import LogisticProbe
from w2s.statistics.accuracy import auc
from w2s.types import Inputs


def test_balancing_repeats_the_rarer_class_and_keeps_every_point() -> None:
    labels = np.array([0] * 7 + [1] * 3)
    picks = balancing(labels, np.random.default_rng(0))
    assert set(picks) == set(range(10))
    assert np.bincount(labels[picks]).tolist() == [7, 7]


def test_beliefs_of_pool_points_come_from_models_that_did_not_see_them() -> None:
    # Labels are pure noise: a model that saw a point leans to its label, one that did not leans nowhere.
    draw = np.random.default_rng(3)
    strong, labels = draw.normal(size=(120, 60)), draw.integers(2, size=120)
    pool = points(strong, np.where(labels == 1, 0.9, 0.1))
    held_out = cross_fit(pool, LogisticProbe(), folds=5, repeats=2).logits(pool)[:, 1]
    seen = logit(LogisticProbe().fit(Inputs(features=strong), labels).predict(Inputs(features=strong)))[:, 1]
    assert auc(seen, labels == 1) > 0.9
    assert auc(held_out, labels == 1) < 0.65


def test_duplicates_of_a_point_are_held_out_together() -> None:
    pool = points([[0.0], [0.0], [1.0], [2.0], [3.0], [3.5]], [0.1, 0.1, 0.9, 0.1, 0.9, 0.9])
    held_out = cross_fit(pool, LogisticProbe(), folds=2, repeats=3).logits(pool)
    np.testing.assert_array_equal(held_out[0], held_out[1])


def test_with_two_classes_both_beliefs_are_mirror_images() -> None:
    evidence, _, _ = planted()
    belief = cross_fit(evidence, PROBE, folds=3, repeats=1).logits(evidence)
    np.testing.assert_allclose(belief[:, 0], -belief[:, 1], atol=1e-6)


def test_soft_labels_teach_the_probes_probabilities() -> None:
    draw = np.random.default_rng(5)
    pool = points(draw.normal(size=(60, 3)), draw.uniform(0.4, 0.6, size=60), draw.normal(size=(60, 2)))
    hard, soft = (
        cross_fit(pool, LogisticProbe(), folds=3, repeats=1, labels=labels).logits(pool) for labels in ("hard", "soft")
    )
    assert np.abs(soft).max() < 0.5  # no target is far from one half
    assert np.abs(hard).max() > np.abs(soft).max()


def test_rounding_moves_no_point_to_another_part() -> None:
    draw = np.random.default_rng(5)
    strong, probabilities = draw.normal(size=(80, 5)), draw.uniform(0.1, 0.9, size=80)
    exact, rounded = (points(strong, probabilities * factor) for factor in (1, 1 + 4e-16))
    assert set(exact.keys) != set(rounded.keys)
    beliefs = [cross_fit(pool, LogisticProbe(), folds=5, repeats=2).logits(pool) for pool in (exact, rounded)]
    np.testing.assert_allclose(beliefs[0], beliefs[1], atol=1e-9)
