"""Warm-started fits against scikit-learn, from scratch and with a tight tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from w2s.model import LogisticProbe
from w2s.model.logistic import FittedProbe, IncrementalProbe
from w2s.types import FloatArray, Inputs


def problem(
    n: int = 300, d: int = 20, n_classes: int = 2, *, correlated: bool = False, seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Features (n, d) and soft targets (n, C)."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, d)) * (np.arange(1, d + 1) ** -1.5 if correlated else 1.0)
    logits = features @ draw.normal(size=(d, n_classes)) + draw.normal(size=(n, n_classes))
    targets = np.exp(logits)
    return features, targets / targets.sum(axis=1, keepdims=True)


def incremental(features: FloatArray, targets: FloatArray, **probe: float) -> IncrementalProbe:
    found = LogisticProbe(**probe).incremental(Inputs(features=features), targets)  # type: ignore[arg-type]
    assert found is not None
    return found


def agrees_with_scikit_learn(
    found: FittedProbe, features: FloatArray, targets: FloatArray, *, penalty: float, intercept: bool = True
) -> None:
    n, n_classes = targets.shape
    rows, classes = np.repeat(features, n_classes, axis=0), np.tile(np.arange(n_classes), n)
    model = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=50_000, fit_intercept=intercept, solver="newton-cg")
    model.fit(rows, classes, sample_weight=targets.ravel())
    np.testing.assert_allclose(found.weights.T, model.coef_, atol=2e-4)
    np.testing.assert_allclose(found.bias, model.intercept_, atol=2e-4)


@pytest.mark.parametrize("correlated", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("d", [8, 40, 400])
def test_every_fit_of_a_growing_set_agrees_with_scikit_learn(correlated: bool, intercept: bool, d: int) -> None:
    features, targets = problem(d=d, correlated=correlated)
    growing = incremental(features, targets, l2=1e-2, intercept=intercept)
    for stop in range(20, 301, 40):
        found = growing.fit(np.arange(stop))
        agrees_with_scikit_learn(found, features[:stop], targets[:stop], penalty=2e-2 * stop, intercept=intercept)


def test_more_than_two_classes_grow_too() -> None:
    features, targets = problem(d=60, n_classes=4)
    growing = incremental(features, targets, l2=1e-2)
    for stop in (40, 90, 300):
        agrees_with_scikit_learn(growing.fit(np.arange(stop)), features[:stop], targets[:stop], penalty=2e-2 * stop)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_gradient_is_small_and_an_early_stop_would_be_seen(n_classes: int) -> None:
    features, targets = problem(d=100, n_classes=n_classes, correlated=True)
    found = incremental(features, targets, l2=1e-3).fit(np.arange(300))

    def gradient(weights: FloatArray, bias: FloatArray) -> float:
        logits = features @ weights + bias
        logits = np.column_stack([np.zeros(300), logits]) if n_classes == 2 else logits
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        residual = (p - targets)[:, -weights.shape[1] :]
        return float(np.hypot(np.linalg.norm(features.T @ residual + 0.6 * weights), np.linalg.norm(residual.sum(axis=0))))

    start = gradient(0 * found.weights, 0 * found.bias)
    assert gradient(found.weights, found.bias) <= 1.01e-6 * start
    assert gradient(0.99 * found.weights, found.bias) > 1e-4 * start


def test_other_points_than_before_start_anew() -> None:
    features, targets = problem()
    growing = incremental(features, targets, l2=1e-2)
    growing.fit(np.arange(100))
    agrees_with_scikit_learn(growing.fit(np.arange(200, 300)), features[200:], targets[200:], penalty=2.0)


def test_the_same_points_once_more_give_the_same_probe() -> None:
    features, targets = problem()
    growing = incremental(features, targets, l2=1e-2)
    first, again = growing.fit(np.arange(100)), growing.fit(np.arange(100))
    assert np.array_equal(first.weights, again.weights)


def test_targets_of_one_class_give_that_class_and_learning_goes_on_afterwards() -> None:
    features, targets = problem()
    hard = np.eye(2)[(targets[:, 1] > 0.5).astype(int)]
    order = np.argsort(-hard[:, 1], kind="stable")
    growing = incremental(features, hard, l2=1e-2)
    assert growing.fit(order[:10]).predict(Inputs(features=features)).tolist() == [[0, 1]] * 300
    agrees_with_scikit_learn(growing.fit(order), features, hard, penalty=6.0)


def test_a_class_that_comes_later_gets_its_own_logit_then() -> None:
    features, targets = problem(n_classes=3)
    targets[:150, 2] = 0
    targets /= targets.sum(axis=1, keepdims=True)
    growing = incremental(features, targets, l2=1e-2)
    early = growing.fit(np.arange(150)).predict(Inputs(features=features))
    assert early.shape == (300, 3)
    assert not early[:, 2].any()
    agrees_with_scikit_learn(growing.fit(np.arange(300)), features, targets, penalty=6.0)


@pytest.mark.parametrize("penalty", [{}, {"l2": 1e-2}, {"C": 0.1}])
def test_a_probe_that_grows_predicts_what_a_probe_fitted_at_once_does(penalty: dict[str, float]) -> None:
    features, targets = problem(d=60)
    inputs, probe = Inputs(features=features), LogisticProbe(**penalty)
    growing = incremental(features, targets, **penalty)
    for stop in (50, 120, 300):
        found = growing.fit(np.arange(stop)).predict(inputs)
        expected = probe.fit(inputs.take(slice(0, stop)), targets[:stop]).predict(inputs)
        np.testing.assert_allclose(found, expected, atol=2e-4)


def test_standardised_features_have_no_faster_way() -> None:
    features, targets = problem()
    assert LogisticProbe(scale="standard").incremental(Inputs(features=features), targets) is None


@settings(max_examples=60, deadline=None)
@given(
    d=st.integers(1, 60),
    batches=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    kind=st.sampled_from(["plain", "zeros", "duplicates", "huge", "hard", "nothing"]),
    penalty=st.sampled_from([{"l2": 1e-3}, {"l2": 1e-1}, {"C": 1.0}, {"C": 0.003}]),
    intercept=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_whatever_the_points_the_gradient_vanishes(
    d: int, batches: list[int], kind: str, penalty: dict[str, float], intercept: bool, seed: int
) -> None:
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
        targets = np.eye(2)[(targets[:, 1] > 0.5).astype(int)]
    if kind == "nothing":
        features *= 0
    growing = incremental(features, targets, intercept=intercept, **penalty)
    for stop in np.cumsum(batches):
        found, x, t = growing.fit(np.arange(stop)), features[:stop], targets[:stop, 1]
        if found.weights.shape[1] == 0:
            assert np.ptp(t) == 0
            continue
        ridge = 1 / penalty["C"] if "C" in penalty else 2 * penalty["l2"] * stop

        def length(weights: FloatArray, bias: float, x: FloatArray = x, t: FloatArray = t, ridge: float = ridge) -> float:
            residual = 1 / (1 + np.exp(-x @ weights - bias)) - t
            return float(np.hypot(np.linalg.norm(x.T @ residual + ridge * weights), residual.sum() if intercept else 0))

        assert length(found.weights[:, 0], float(found.bias[0])) <= 2e-6 * length(np.zeros(d), 0.0) + 1e-12
