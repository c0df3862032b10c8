"""Warm-started fits against scikit-learn, from scratch and with a tight tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from w2s.model import LogisticProbe
from w2s.model.probe.growing import IncrementalLogistic
from w2s.model.probe.spaces import Dual, Primal
from w2s.types import Inputs


def problem(n=300, d=20, correlated=False, seed=0):
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, d)) * (np.arange(1, d + 1) ** -1.5 if correlated else 1.0)
    logits = features @ draw.normal(size=d) + draw.normal(size=n)
    return features, 1 / (1 + np.exp(-logits))


def by_scikit(features, targets, penalty, intercept=True):
    rows = np.concatenate([features, features])
    classes, weights = np.repeat([0, 1], len(features)), np.concatenate([1 - targets, targets])
    model = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=50_000, fit_intercept=intercept, solver="newton-cg")
    return model.fit(rows, classes, sample_weight=weights)


@pytest.mark.parametrize("correlated", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("d", [8, 40, 400])
def test_every_fit_of_a_growing_set_agrees_with_scikit_learn(correlated, intercept, d):
    features, targets = problem(d=d, correlated=correlated)
    growing = IncrementalLogistic(features, targets, l2=1e-2, C=None, intercept=intercept)
    for stop in range(20, 301, 40):
        found = growing.fit(np.arange(stop))
        expected = by_scikit(features[:stop], targets[:stop], 2e-2 * stop, intercept)
        np.testing.assert_allclose(found.weights, expected.coef_[0], atol=2e-4)
        assert found.bias == pytest.approx(float(np.ravel(expected.intercept_)[0]) if intercept else 0.0, abs=2e-4)


def test_both_spaces_are_used():
    features, targets = problem(d=40)
    growing = IncrementalLogistic(features, targets, l2=1e-2, C=None, intercept=True)
    growing.fit(np.arange(60))
    assert isinstance(growing.space, Dual)
    growing.fit(np.arange(200))
    assert isinstance(growing.space, Primal)


def test_the_gradient_is_small_and_an_early_stop_would_be_seen():
    features, targets = problem(d=100, correlated=True)
    found = IncrementalLogistic(features, targets, l2=1e-3, C=None, intercept=True).fit(np.arange(300))

    def gradient(weights, bias):
        residual = 1 / (1 + np.exp(-features @ weights - bias)) - targets
        return np.hypot(np.linalg.norm(features.T @ residual + 0.6 * weights), residual.sum())

    start = gradient(np.zeros(100), 0.0)
    assert gradient(found.weights, found.bias) <= 1.01e-6 * start
    assert gradient(0.99 * found.weights, found.bias) > 1e-4 * start


def test_other_points_than_before_start_anew():
    features, targets = problem()
    growing = IncrementalLogistic(features, targets, l2=1e-2, C=None, intercept=True)
    growing.fit(np.arange(100))
    found = growing.fit(np.arange(200, 300))
    expected = by_scikit(features[200:], targets[200:], 2.0)
    np.testing.assert_allclose(found.weights, expected.coef_[0], atol=2e-4)


def test_targets_of_one_class_give_that_class_and_learning_goes_on_afterwards():
    features, targets = problem()
    hard = (targets > 0.5).astype(float)
    order = np.argsort(-hard, kind="stable")
    growing = IncrementalLogistic(features, hard, l2=1e-2, C=None, intercept=True)
    assert growing.fit(order[:10]).predict(Inputs(features=features)).tolist() == [[0, 1]] * 300
    expected = by_scikit(features, hard, 6.0)
    np.testing.assert_allclose(growing.fit(order).weights, expected.coef_[0], atol=2e-4)


@pytest.mark.parametrize("penalty", [{}, {"l2": 1e-2}, {"C": 0.1}])
def test_a_probe_that_grows_predicts_what_a_probe_fitted_at_once_does(penalty):
    features, targets = problem(d=60)
    inputs, both = Inputs(features=features), np.stack([1 - targets, targets], axis=1)
    probe = LogisticProbe(**penalty)
    growing = probe.incremental(inputs, both)
    for stop in (50, 120, 300):
        found = growing.fit(np.arange(stop)).predict(inputs)
        np.testing.assert_allclose(found, probe.fit(inputs.take(slice(0, stop)), both[:stop]).predict(inputs), atol=2e-4)


def test_more_classes_or_standardised_features_have_no_faster_way():
    features, targets = problem()
    inputs, both = Inputs(features=features), np.stack([1 - targets, targets], axis=1)
    assert LogisticProbe(scale="standard").incremental(inputs, both) is None
    assert LogisticProbe().incremental(inputs, np.full((300, 3), 1 / 3)) is None


@settings(max_examples=60, deadline=None)
@given(
    d=st.integers(1, 60),
    batches=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    kind=st.sampled_from(["plain", "zeros", "duplicates", "huge", "hard"]),
    penalty=st.sampled_from([{"l2": 1e-3}, {"l2": 1e-1}, {"C": 1.0}, {"C": 0.003}]),
    intercept=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_whatever_the_points_the_gradient_vanishes(d, batches, kind, penalty, intercept, seed):
    """Absent blocks of zeros, repeated points and d < n all make the Gram matrix singular."""
    features, targets = problem(n=sum(batches), d=d, seed=seed)
    if kind == "zeros":
        features[::2, : d // 2] = 0
        features[1::2, d // 2 :] = 0
    if kind == "duplicates":
        features = features[np.random.default_rng(seed).integers(max(1, len(features) // 4), size=len(features))]
    if kind == "huge":
        features *= 30
    if kind == "hard":
        targets = (targets > 0.5).astype(float)
    growing = IncrementalLogistic(features, targets, l2=penalty.get("l2"), C=penalty.get("C"), intercept=intercept)
    for stop in np.cumsum(batches):
        found, x, t = growing.fit(np.arange(stop)), features[:stop], targets[:stop]
        if np.isinf(found.bias):
            assert np.ptp(t) == 0
            continue
        ridge = 1 / penalty["C"] if "C" in penalty else 2 * penalty["l2"] * stop

        def length(weights, bias, x=x, t=t, ridge=ridge):
            residual = 1 / (1 + np.exp(-x @ weights - bias)) - t
            return np.hypot(np.linalg.norm(x.T @ residual + ridge * weights), residual.sum() if intercept else 0)

        assert length(found.weights, found.bias) <= 2e-6 * length(np.zeros(d), 0.0) + 1e-12
