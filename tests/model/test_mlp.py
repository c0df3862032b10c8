"""The multilayer perceptron."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.errors import ConfigError
from w2s.model import LogisticProbe, Mlp
from w2s.model.mlp import _gradients
from w2s.protocols import BatchLearner
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, Inputs, IntArray
from w2s.utils.numerics import softmax


def quadrants(n: int = 600, seed: int = 0) -> tuple[Inputs, IntArray]:
    """Two classes that no line separates: the sign of a product."""
    features = generator(seed, "test", "quadrants").normal(size=(n, 4))
    return Inputs(features=features), (features[:, 0] * features[:, 1] > 0).astype(np.int64)


def test_gradients_are_those_of_finite_differences():
    draw = generator(0, "test", "gradients")
    layers = [(draw.normal(size=(1, m, n)), draw.normal(size=(1, 1, n))) for m, n in ((3, 5), (5, 2))]
    features, targets = draw.normal(size=(1, 6, 3)), draw.dirichlet([1, 1], size=(1, 6))

    def loss() -> float:
        hidden = np.maximum(features @ layers[0][0] + layers[0][1], 0)
        return float(-np.sum(targets * np.log(softmax(hidden @ layers[1][0] + layers[1][1]))) / 6)

    parameters = [parameter for layer in layers for parameter in layer]
    for parameter, gradient in zip(parameters, _gradients(layers, features, targets, np.ones((1, 6, 1))), strict=True):
        for position in np.ndindex(parameter.shape):
            at = parameter[position]
            parameter[position] = at + 1e-6
            above = loss()
            parameter[position] = at - 1e-6
            below = loss()
            parameter[position] = at
            assert gradient[position] == pytest.approx((above - below) / 2e-6, abs=1e-6)


def test_training_takes_the_steps_of_torch():
    import torch

    inputs, labels = quadrants(100)
    mlp = Mlp(hidden=(8, 8), epochs=3, batch=16, scale="none")
    start = mlp._start(1, (4, 8, 8, 2))
    linears = [torch.nn.Linear(*weight.shape[1:]) for weight, _ in start]
    for linear, (weight, bias) in zip(linears, start, strict=True):
        linear.weight.data = torch.from_numpy(weight[0].T.copy())
        linear.bias.data = torch.from_numpy(bias[0, 0].copy())
    network = torch.nn.Sequential(linears[0], torch.nn.ReLU(), linears[1], torch.nn.ReLU(), linears[2])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    features, targets = torch.tensor(inputs.features, dtype=torch.float32), torch.tensor(labels)
    draw = generator(0, "mlp", "order")
    for _ in range(3):
        order = draw.permutation(100)
        for first in range(0, 100, 16):
            rows = order[first : first + 16]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(features[rows]), targets[rows]).backward()
            optimizer.step()
    expected = torch.softmax(network(features), dim=1).detach().numpy()
    np.testing.assert_allclose(mlp.fit(inputs, labels).predict(inputs), expected, atol=1e-5)


def test_it_learns_what_a_line_cannot():
    inputs, labels = quadrants()
    test, truth = quadrants(seed=1)
    mlp = Mlp(epochs=40).fit(inputs, labels)
    line = LogisticProbe().fit(inputs, labels)
    assert np.mean(predicted(mlp.predict(test)) == truth) > 0.85
    assert np.mean(predicted(line.predict(test)) == truth) < 0.6


def test_fits_side_by_side_equal_fits_one_by_one_bit_for_bit():
    inputs, labels = quadrants()
    soft = np.column_stack([0.7 - 0.4 * labels, 0.3 + 0.4 * labels])
    rows = [np.arange(0, 300), np.arange(300, 600), np.arange(50, 130)]
    parts = [inputs.take(row) for row in rows]
    targets: list[FloatArray | IntArray] = [labels[rows[0]], soft[rows[1]], labels[rows[2]]]
    together = Mlp().fit_many(parts, targets)
    for part, target, fitted in zip(parts, targets, together, strict=True):
        np.testing.assert_array_equal(fitted.predict(inputs), Mlp().fit(part, target).predict(inputs))


def test_studies_find_that_it_trains_side_by_side():
    assert isinstance(Mlp(), BatchLearner)
    assert not isinstance(LogisticProbe(), BatchLearner)


def test_the_seed_fixes_every_bit_and_another_seed_changes_them():
    inputs, labels = quadrants()
    one, again, other = (Mlp(seed=seed).fit(inputs, labels).predict(inputs) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert np.any(one != other)


def test_soft_targets_of_no_opinion_give_no_opinion():
    inputs, labels = quadrants()
    undecided = Mlp().fit(inputs, np.full((len(labels), 2), 0.5)).predict(inputs)
    assert np.abs(undecided - 0.5).max() < 0.1


def test_hard_labels_equal_their_one_hot():
    inputs, labels = quadrants()
    hard, soft = Mlp().fit(inputs, labels), Mlp().fit(inputs, np.eye(2)[labels])
    np.testing.assert_array_equal(hard.predict(inputs), soft.predict(inputs))


def test_the_representation_is_the_last_hidden_layer():
    inputs, labels = quadrants()
    fitted = Mlp(hidden=(16, 7)).fit(inputs, np.eye(3)[labels])
    hidden = fitted.represent(inputs)
    assert hidden.shape == (600, 7)
    assert hidden.min() >= 0
    weight, bias = fitted.layers[-1]
    np.testing.assert_allclose(softmax(hidden @ weight + bias), fitted.predict(inputs), atol=1e-6)


def test_scaling_makes_units_irrelevant():
    inputs, labels = quadrants()
    other_units = inputs.with_features(inputs.features * np.array([1e-3, 1.0, 1e3, 1.0]) + 5)
    one, other = Mlp().fit(inputs, labels).predict(inputs), Mlp().fit(other_units, labels).predict(other_units)
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_a_constant_feature_and_a_class_without_points_are_no_trouble():
    inputs, labels = quadrants()
    constant = inputs.with_features(np.column_stack([inputs.features, np.full(600, 7.0)]))
    answer = Mlp().fit(constant, np.eye(3)[labels]).predict(constant)
    assert np.all(np.isfinite(answer))
    assert answer[:, 2].max() < 0.2


@pytest.mark.parametrize(
    "wrong", [{"hidden": ()}, {"hidden": (3, 0)}, {"epochs": 0}, {"batch": 0}, {"learning_rate": 0.0}, {"seed": -1}]
)
def test_arguments_outside_their_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Mlp(**wrong)
