"""Batched logistic fits against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from w2s.model.logistic import LinearFits, fit_batch

COUNTS = np.array([30, 55, 80])


def problems(sets: int = 3, n: int = 80, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    labels = draw.integers(2, size=(sets, 1, n))
    labels[:, :, :2] = [0, 1]
    return draw.normal(size=(sets, n, d)) + 0.5 * labels[:, 0, :, None], labels


def seen(counts: np.ndarray, n: int = 80) -> np.ndarray:
    """(L, n) weights of 1 for the first points of each problem, else 0."""
    return np.where(np.arange(n) < counts[:, None], 1.0, 0.0)


def agree_with_scikit_learn(
    fits: LinearFits, features: np.ndarray, labels: np.ndarray, *, counts: np.ndarray = COUNTS, C: float, intercept: bool
) -> None:
    for k, level in np.ndindex(len(features), len(counts)):
        rows, classes = features[k, : counts[level]], labels[k, 0, : counts[level]]
        theirs = LogisticRegression(C=C, fit_intercept=intercept, tol=1e-10, max_iter=10_000).fit(rows, classes)
        np.testing.assert_allclose(fits.weights[k, level], theirs.coef_[0], atol=1e-4)
        np.testing.assert_allclose(fits.bias[k, level], theirs.intercept_[0] if intercept else 0.0, atol=1e-4)
        logits = fits.logits(features)[k, level]
        np.testing.assert_allclose(logits, theirs.decision_function(features[k]), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("intercept", [True, False])
def test_coefficients_are_those_of_scikit_learn_on_the_first_points_of_each_count(C: float, intercept: bool) -> None:
    features, labels = problems()
    fits = fit_batch(features, labels, seen(COUNTS), penalty=1 / C, intercept=intercept)
    agree_with_scikit_learn(fits, features, labels, C=C, intercept=intercept)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_points_in_single_precision_give_the_coefficients_of_double_precision(C: float) -> None:
    features, labels = problems()
    double = fit_batch(features, labels, seen(COUNTS), penalty=1 / C, intercept=True)
    single = fit_batch(features.astype(np.float32), labels, seen(COUNTS), penalty=1 / C, intercept=True)
    np.testing.assert_allclose(single.weights, double.weights, atol=1e-4)
    np.testing.assert_allclose(single.bias, double.bias, atol=1e-4)


def test_soft_targets_are_weighted_rows_of_both_classes() -> None:
    features, _ = problems(sets=1)
    targets = np.random.default_rng(1).uniform(size=(1, 2, features.shape[1]))
    fit = fit_batch(features, targets, seen(np.array([80, 80])), penalty=1.0, intercept=True)
    rows, classes = np.concatenate([features[0], features[0]]), np.repeat([1, 0], features.shape[1])
    for level in range(2):
        weights = np.concatenate([targets[0, level], 1 - targets[0, level]])
        theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(rows, classes, sample_weight=weights)
        np.testing.assert_allclose(fit.weights[0, level], theirs.coef_[0], atol=1e-4)


def test_weights_are_scikit_learns_sample_weights() -> None:
    features, labels = problems(sets=1)
    weights = np.random.default_rng(2).uniform(0.1, 3, size=(2, 80))
    fit = fit_batch(features, labels, weights, penalty=0.5, intercept=True)
    for level in range(2):
        theirs = LogisticRegression(C=2.0, tol=1e-10, max_iter=10_000).fit(features[0], labels[0, 0], weights[level])
        np.testing.assert_allclose(fit.weights[0, level], theirs.coef_[0], atol=1e-4)


def test_a_step_that_goes_too_far_beside_an_outlier_is_shortened() -> None:
    features, labels = problems()
    features[:, -1], labels[:, :, -1] = 50.0, 0
    fits = fit_batch(features, labels, seen(COUNTS), penalty=1.0, intercept=True)
    agree_with_scikit_learn(fits, features, labels, C=1.0, intercept=True)


def test_separable_classes_have_a_minimum_by_their_penalty() -> None:
    features = np.concatenate([np.full((1, 20, 1), -3.0), np.full((1, 20, 1), 3.0)], axis=1)
    labels, counts = np.repeat([0, 1], 20)[None, None], np.array([40])
    fits = fit_batch(features, labels, seen(counts, 40), penalty=1e-2, intercept=False)
    agree_with_scikit_learn(fits, features, labels, counts=counts, C=1e2, intercept=False)


def test_a_single_class_without_a_minimum_ends_and_stays_finite() -> None:
    fit = fit_batch(np.ones((1, 10, 2)), np.ones((1, 1, 10)), np.ones((1, 10)), penalty=1.0, intercept=True)
    assert np.isfinite(fit.weights).all()
    assert np.isfinite(fit.bias).all()


def test_classes_that_are_told_apart_by_nothing_stay_at_zero() -> None:
    fit = fit_batch(np.ones((1, 10, 2)), np.full((1, 1, 10), 0.5), np.ones((1, 10)), penalty=1.0, intercept=True)
    assert not fit.weights.any()
    assert not fit.bias.any()
