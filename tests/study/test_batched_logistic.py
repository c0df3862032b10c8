"""Batched logistic fits against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from w2s.study.batched_logistic import LinearFits, fit_logistic


def problems(count: int = 6, n: int = 80, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    labels = draw.integers(2, size=(count, n))
    labels[:, :2] = [0, 1]
    return draw.normal(size=(count, n, d)) + 0.5 * labels[:, :, None], labels


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("intercept", [True, False])
def test_coefficients_are_those_of_scikit_learn(C: float, intercept: bool) -> None:
    features, labels = problems()
    fits = fit_logistic(features, labels, C=C, intercept=intercept)
    for k in range(len(features)):
        theirs = LogisticRegression(C=C, fit_intercept=intercept, tol=1e-10, max_iter=10_000).fit(features[k], labels[k])
        np.testing.assert_allclose(fits.weights[k], theirs.coef_[0], atol=1e-4)
        np.testing.assert_allclose(fits.bias[k], theirs.intercept_[0] if intercept else 0.0, atol=1e-4)
        np.testing.assert_allclose(fits.logits(features)[k], theirs.decision_function(features[k]), atol=1e-3)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_points_in_single_precision_give_the_coefficients_of_double_precision(C: float) -> None:
    features, labels = problems()
    double = fit_logistic(features, labels, C=C, intercept=True)
    single = fit_logistic(features.astype(np.float32), labels, C=C, intercept=True)
    np.testing.assert_allclose(single.weights, double.weights, atol=1e-4)
    np.testing.assert_allclose(single.bias, double.bias, atol=1e-4)


def test_soft_targets_are_weighted_rows_of_both_classes() -> None:
    features, _ = problems(count=1)
    targets = np.random.default_rng(1).uniform(size=features.shape[:2])
    fit = fit_logistic(features, targets, C=1.0, intercept=True)
    rows, classes = np.concatenate([features[0], features[0]]), np.repeat([1, 0], features.shape[1])
    weights = np.concatenate([targets[0], 1 - targets[0]])
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(rows, classes, sample_weight=weights)
    np.testing.assert_allclose(fit.weights[0], theirs.coef_[0], atol=1e-4)


def test_the_start_does_not_move_the_minimum() -> None:
    features, labels = problems()
    plain = fit_logistic(features, labels, C=1.0, intercept=True)
    far = LinearFits(np.full((6, 5), 20.0), np.full(6, -20.0))
    started = fit_logistic(features, labels, C=1.0, intercept=True, start=far)
    np.testing.assert_allclose(started.weights, plain.weights, atol=1e-4)


def test_separable_classes_have_a_minimum_by_their_penalty() -> None:
    features = np.concatenate([np.full((1, 20, 1), -3.0), np.full((1, 20, 1), 3.0)], axis=1)
    labels = np.repeat([[0, 1]], 20, axis=1).reshape(1, -1)
    fit = fit_logistic(features, labels, C=1e2, intercept=False)
    theirs = LogisticRegression(C=1e2, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(features[0], labels[0])
    np.testing.assert_allclose(fit.weights[0], theirs.coef_[0], rtol=1e-3)


def test_a_single_class_without_a_minimum_ends_and_stays_finite() -> None:
    fit = fit_logistic(np.ones((1, 10, 2)), np.ones((1, 10)), C=1.0, intercept=True)
    assert np.isfinite(fit.weights).all()
    assert np.isfinite(fit.bias).all()
