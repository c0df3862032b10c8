import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from w2s.errors import ConfigError, DataError
from w2s.model.logistic import TOLERANCE, FittedProbe, LogisticProbe
from w2s.types import FloatArray, Inputs, IntArray


def points(n: int = 300, d: int = 12, n_classes: int = 2, seed: int = 0) -> tuple[Inputs, FloatArray, IntArray]:
    """Features, soft targets and hard targets that depend on them, no class being rare."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, d))
    logits = features @ draw.normal(size=(d, n_classes)) + draw.normal(size=(n, n_classes))
    soft = np.exp(logits - logits.max(axis=1, keepdims=True))
    soft /= soft.sum(axis=1, keepdims=True)
    return Inputs(features=features), soft, soft.argmax(axis=1)


def oracle(inputs: Inputs, targets: FloatArray, *, C: float, intercept: bool = True) -> LogisticRegression:
    """scikit-learn on every (point, class) as a row of its own, weighted by the target."""
    n, n_classes = targets.shape
    rows, classes = np.repeat(np.arange(n), n_classes), np.tile(np.arange(n_classes), n)
    model = LogisticRegression(C=C, tol=1e-10, max_iter=20_000, fit_intercept=intercept)
    return model.fit(inputs.features[rows], classes, sample_weight=targets.ravel())


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("n", [3, 40, 60])
def test_no_more_points_than_features_give_the_same_coefficients_as_scikit_learn(n: int, intercept: bool) -> None:
    inputs, soft, _ = points(n=n, d=60)
    probe = LogisticProbe(C=0.7, intercept=intercept).fit(inputs, soft)
    expected = oracle(inputs, soft, C=0.7, intercept=intercept)
    np.testing.assert_allclose(probe.weights.T, expected.coef_, atol=1e-4)
    np.testing.assert_allclose(probe.bias, expected.intercept_, atol=1e-4)


def coefficients(probe: FittedProbe) -> FloatArray:
    return np.column_stack([probe.weights.T, probe.bias])


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("intercept", [True, False])
def test_soft_targets_give_the_coefficients_of_scikit_learn_on_weighted_rows(n_classes: int, intercept: bool) -> None:
    inputs, soft, _ = points(n_classes=n_classes)
    probe = LogisticProbe(C=0.7, intercept=intercept).fit(inputs, soft)
    expected = oracle(inputs, soft, C=0.7, intercept=intercept)
    np.testing.assert_allclose(probe.weights.T, expected.coef_, atol=1e-4)
    np.testing.assert_allclose(probe.predict(inputs), expected.predict_proba(inputs.features), atol=1e-5)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_hard_labels_under_the_papers_penalty_are_scikit_learn_at_c_1_over_2e_3_n(n_classes: int) -> None:
    inputs, _, hard = points(n=250, n_classes=n_classes)
    probe = LogisticProbe().fit(inputs, hard)
    expected = LogisticRegression(C=1 / (2e-3 * 250), tol=1e-10, max_iter=20_000).fit(inputs.features, hard)
    np.testing.assert_allclose(probe.weights.T, expected.coef_, atol=1e-4)
    other = LogisticRegression(C=1 / (1e-3 * 250), tol=1e-10, max_iter=20_000).fit(inputs.features, hard)
    assert np.abs(probe.weights.T - other.coef_).max() > 0.01  # the bound tells one penalty from another


def test_the_gradient_of_the_papers_objective_vanishes_at_the_solution() -> None:
    """Mean BCE with logits + 1e-3 |w|^2, differentiated by hand: X' (sigma(z) - p) / n + 2e-3 w, and the bias free."""
    inputs, soft, _ = points()
    probe = LogisticProbe(l2=1e-3).fit(inputs, soft)
    w, b = probe.weights[:, 0], probe.bias[0]

    def gradient(w: FloatArray, b: float) -> FloatArray:
        error = expit(inputs.features @ w + b) - soft[:, 1]
        return np.append(inputs.features.T @ error / len(inputs) + 2e-3 * w, error.mean())

    at_start = np.abs(gradient(np.zeros_like(w), 0.0)).max()
    assert np.abs(gradient(w, b)).max() <= TOLERANCE * at_start
    assert np.abs(gradient(w * 1.001, b)).max() > 10 * TOLERANCE * at_start


def test_no_other_weights_reach_a_lower_objective() -> None:
    inputs, soft, _ = points(n=80, d=3, n_classes=3)
    probe = LogisticProbe(l2=0.01).fit(inputs, soft)

    def objective(weights: FloatArray, bias: FloatArray) -> float:
        logits = inputs.features @ weights + bias
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return float(-np.mean(np.sum(soft * log_p, axis=1)) + 0.01 * np.sum(weights**2))

    best = objective(probe.weights, probe.bias)
    draw = np.random.default_rng(1)
    for size in (1e-3, 1e-2, 1e-1):
        for _ in range(20):
            moved = objective(probe.weights + size * draw.normal(size=(3, 3)), probe.bias + size * draw.normal(size=3))
            assert moved >= best


def test_one_hot_targets_are_hard_labels() -> None:
    inputs, _, hard = points(n_classes=3)
    by_code = LogisticProbe().fit(inputs, hard)
    by_row = LogisticProbe().fit(inputs, np.eye(3)[hard])
    assert np.array_equal(coefficients(by_code), coefficients(by_row))


def test_soft_targets_are_not_their_hard_labels() -> None:
    inputs, soft, hard = points()
    assert (
        np.abs(coefficients(LogisticProbe().fit(inputs, soft)) - coefficients(LogisticProbe().fit(inputs, hard))).max() > 0.1
    )


def test_the_papers_penalty_does_not_depend_on_how_often_the_points_are_repeated_and_c_does() -> None:
    inputs, soft, _ = points(n=50, d=4)
    twice = Inputs(features=np.tile(inputs.features, (2, 1)))
    targets = np.tile(soft, (2, 1))
    paper = LogisticProbe(l2=0.01)
    np.testing.assert_allclose(paper.fit(twice, targets).weights, paper.fit(inputs, soft).weights, atol=1e-6)
    summed = LogisticProbe(C=0.1)
    assert np.abs(summed.fit(twice, targets).weights - summed.fit(inputs, soft).weights).max() > 0.01


@pytest.mark.parametrize("probe", [LogisticProbe(C=0.7), LogisticProbe(l2=0.01), LogisticProbe(scale="standard")])
@pytest.mark.parametrize(("n", "d", "n_classes"), [(80, 5, 2), (30, 50, 2), (80, 5, 3)])
def test_a_point_of_weight_3_counts_as_three_points_and_one_of_weight_0_as_none(
    probe: LogisticProbe, n: int, d: int, n_classes: int
) -> None:
    inputs, soft, _ = points(n=n, d=d, n_classes=n_classes)
    times = np.random.default_rng(1).integers(4, size=n)
    rows = np.repeat(np.arange(n), times)
    weighted, repeated = probe.fit(inputs, soft, times.astype(float)), probe.fit(inputs.take(rows), soft[rows])
    np.testing.assert_allclose(weighted.weights, repeated.weights, atol=1e-4)
    np.testing.assert_allclose(weighted.predict(inputs), repeated.predict(inputs), atol=1e-5)
    assert np.abs(weighted.weights - probe.fit(inputs, soft).weights).max() > 0.01


def test_fractional_weights_are_scikit_learns_sample_weights() -> None:
    inputs, _, hard = points(n_classes=3)
    weights = np.random.default_rng(1).uniform(0.2, 2, size=len(inputs))
    probe = LogisticProbe(C=0.7).fit(inputs, hard, weights)
    expected = LogisticRegression(C=0.7, tol=1e-10, max_iter=20_000).fit(inputs.features, hard, weights)
    np.testing.assert_allclose(probe.weights.T, expected.coef_, atol=1e-4)


@pytest.mark.parametrize("wrong", [[1.0, 2.0], [-1.0] * 20, [0.0] * 20, [np.nan] * 20])
def test_weights_that_are_no_weights_are_refused(wrong: list[float]) -> None:
    inputs, soft, _ = points(n=20)
    with pytest.raises(DataError, match="weights: 20 finite numbers"):
        LogisticProbe().fit(inputs, soft, np.array(wrong))


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_convergence_does_not_depend_on_the_unit_of_the_features(factor: float) -> None:
    """Features times a and the penalty times a^2 is the same problem with weights over a."""
    inputs, soft, _ = points()
    plain = LogisticProbe(l2=1e-3).fit(inputs, soft)
    scaled = LogisticProbe(l2=1e-3 * factor**2).fit(Inputs(features=inputs.features * factor), soft)
    np.testing.assert_allclose(scaled.weights * factor, plain.weights, atol=1e-4)


def test_standard_scaling_uses_the_training_points_and_survives_constant_features() -> None:
    inputs, soft, _ = points()
    features = np.column_stack([inputs.features * [1e3] * 12 + 5e4, np.full(len(inputs), 0.1)])
    train, new = Inputs(features=features[:200]), Inputs(features=features[200:])
    probe = LogisticProbe(C=0.5, scale="standard").fit(train, soft[:200])
    scaler = StandardScaler().fit(train.features)
    np.testing.assert_allclose(probe.represent(new), scaler.transform(new.features), atol=1e-9)
    expected = oracle(Inputs(features=scaler.transform(train.features)), soft[:200], C=0.5)
    np.testing.assert_allclose(probe.predict(new), expected.predict_proba(scaler.transform(new.features)), atol=1e-5)
    assert probe.weights[-1, 0] == pytest.approx(0.0, abs=1e-9)


def test_unscaled_features_are_represented_as_they_are() -> None:
    inputs, soft, _ = points()
    assert np.array_equal(LogisticProbe().fit(inputs, soft).represent(inputs), inputs.features)


def test_probabilities_are_finite_and_sum_to_1_however_far_a_point_lies() -> None:
    inputs, soft, _ = points(n_classes=3)
    far = Inputs(features=np.vstack([inputs.features * 1e6, np.zeros((1, 12))]))
    probabilities = LogisticProbe().fit(inputs, soft).predict(far)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


@pytest.mark.parametrize("targets", [np.ones(20, int), np.eye(3)[np.ones(20, int)]], ids=["codes", "rows"])
def test_a_single_class_is_always_the_answer(targets: IntArray | FloatArray) -> None:
    inputs, _, _ = points(n=20)
    probabilities = LogisticProbe().fit(inputs, targets).predict(inputs)
    assert probabilities[:, 1].tolist() == [1.0] * 20
    assert probabilities.sum() == 20


def test_a_class_without_weight_gets_probability_0_and_leaves_the_others_as_they_are() -> None:
    inputs, _, hard = points()
    among_three = LogisticProbe().fit(inputs, np.eye(3)[2 * hard])
    alone = LogisticProbe().fit(inputs, hard)
    probabilities = among_three.predict(inputs)
    assert (probabilities[:, 1] == 0).all()
    np.testing.assert_allclose(probabilities[:, [0, 2]], alone.predict(inputs))


def test_one_point_can_be_learned_from() -> None:
    probe = LogisticProbe().fit(Inputs(features=np.ones((1, 2))), np.array([[0.3, 0.7]]))
    np.testing.assert_allclose(probe.predict(Inputs(features=np.zeros((1, 2)))).sum(), 1.0)


def test_targets_that_say_nothing_leave_the_probe_undecided() -> None:
    inputs, _, _ = points(n=20)
    np.testing.assert_allclose(LogisticProbe().fit(inputs, np.full((20, 2), 0.5)).predict(inputs), 0.5)


def test_the_same_points_give_the_same_bits_and_half_precision_about_the_same() -> None:
    inputs, soft, _ = points()
    one, two = LogisticProbe().fit(inputs, soft), LogisticProbe().fit(inputs, soft)
    assert np.array_equal(coefficients(one), coefficients(two))
    single = Inputs(features=inputs.features.astype(np.float32))
    np.testing.assert_allclose(LogisticProbe().fit(single, soft).weights, one.weights, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"l2": 1e-3, "C": 1.0}, "not both"),
        ({"l2": 0.0}, "l2=0.0"),
        ({"C": -1.0}, "C=-1.0"),
        ({"C": float("inf")}, "C=inf"),
        ({"l2": float("nan")}, "l2=nan"),
        ({"C": 1e308}, "C=1e.308: it should be less than or equal to"),
        ({"l2": 1e-16}, "l2=1e-16: it should be greater than or equal to"),
    ],
)
def test_a_penalty_outside_its_range_is_refused_by_name(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        LogisticProbe(**arguments)  # type: ignore[arg-type]
