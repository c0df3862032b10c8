"""Scores against hand-worked values and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2s.statistics.accuracy import (
    accuracy_at_prior,
    auc,
    auroc,
    calibration_error,
    class_shares,
    confidence,
    correct,
    predicted,
    predicted_at_prior,
)

BINARY = np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5], [0.2, 0.8]])
THREE = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.34, 0.33, 0.33]])


def test_confidence_is_twice_the_distance_from_one_half_with_two_classes() -> None:
    np.testing.assert_allclose(confidence(BINARY), 2 * np.abs(BINARY[:, 1] - 0.5))


def test_confidence_is_top_minus_second_beyond_two_classes() -> None:
    np.testing.assert_allclose(confidence(THREE), [0.2, 0.7, 0.01])


def test_ties_go_to_the_lowest_class() -> None:
    assert predicted(BINARY).tolist() == [0, 1, 0, 1]
    assert correct(BINARY, np.array([0, 1, 1, 0])).tolist() == [True, True, False, False]


def test_auc_counts_ties_half() -> None:
    # positives .5 and .9, negatives .5 and .1: pairs (.5, .5) half, (.5, .1) one, (.9, .5) one, (.9, .1) one: 3.5 of 4
    assert auc(np.array([0.5, 0.9, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(3.5 / 4)
    assert auc(np.zeros(4), np.array([True, False, True, False])) == 0.5


def test_auc_needs_both_kinds() -> None:
    assert auc(np.array([0.1, 0.2]), np.array([True, True])) is None
    assert auroc(BINARY, np.zeros(4, dtype=int)) is None


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 5]))
def test_auroc_agrees_with_scikit_learn(seed: int, n_classes: int) -> None:
    from sklearn.metrics import roc_auc_score

    draw = np.random.default_rng(seed)
    probabilities = draw.dirichlet(np.ones(n_classes), 40).round(1)  # rounding makes ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = np.concatenate([np.arange(n_classes), draw.integers(0, n_classes, 40 - n_classes)])
    areas = [roc_auc_score(labels == k, probabilities[:, k]) for k in range(n_classes)]
    expected = areas[1] if n_classes == 2 else np.mean(areas)
    assert auroc(probabilities, labels) == pytest.approx(expected)


def test_the_prior_takes_a_wrong_intercept_out_of_the_accuracy() -> None:
    # all above .5, so the plain accuracy is 1/2; the upper half of the scores belongs to class 1
    ones = np.array([0.6, 0.7, 0.8, 0.9])
    probabilities, labels = np.column_stack([1 - ones, ones]), np.array([0, 0, 1, 1])
    assert np.mean(correct(probabilities, labels)) == 0.5
    assert accuracy_at_prior(probabilities, labels, np.array([0.5, 0.5])) == 1.0
    assert accuracy_at_prior(probabilities, labels, np.array([0.25, 0.75])) == 0.75


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(1, 60))
def test_predictions_at_the_prior_have_its_shares(seed: int, n_classes: int, n: int) -> None:
    draw = np.random.default_rng(seed)
    prior = draw.dirichlet(np.ones(n_classes))
    classes = predicted_at_prior(draw.dirichlet(np.ones(n_classes), n), prior)
    assert np.all(np.abs(np.bincount(classes, minlength=n_classes) - n * prior) < 1)


def test_class_shares_count_absent_classes_as_zero() -> None:
    np.testing.assert_allclose(class_shares(np.array([0, 0, 2, 2]), 4), [0.5, 0, 0.5, 0])
    assert class_shares(np.array([], dtype=int), 2).tolist() == [0.0, 0.0]


def test_calibration_error_of_known_cases() -> None:
    sure = np.tile([0.9, 0.1], (10, 1))
    assert calibration_error(sure, np.repeat([0, 1], [9, 1])) == pytest.approx(0.0)
    assert calibration_error(sure, np.repeat([0, 1], [4, 6])) == pytest.approx(0.5)
    assert calibration_error(np.eye(2)[[0, 1, 1]], np.array([0, 1, 1])) == 0.0
    mixed = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])  # .9 sure and half right, .6 sure and right
    assert calibration_error(mixed, np.array([0, 1, 1, 1])) == pytest.approx((0.4 + 0.4) / 2)
