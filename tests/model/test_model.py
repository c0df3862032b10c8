"""What every weak and strong model choice promises, over all that need no checkpoint and no optional package."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.configured import built, choices
from w2s.protocols import Encoder, Fitted, ModelParts
from w2s.types import FloatArray, Inputs

LEARNS_NOTHING = {"majority_vote", "dawid_skene"}
MODELS = [
    (group, choice)
    for group in ("weak_model", "strong_model")
    for choice in sorted(set(choices(group)) - set(choices("checkpoint")))
    if choice not in ("snorkel", "column")  # an optional package; what the data say already, in test_given.py
]


@cache
def data(n: int = 90, n_classes: int = 2, seed: int = 0) -> tuple[Inputs, FloatArray]:
    """Points with 64 features, a text and five votes each, all of which tell the class; soft targets (n, C)."""
    draw = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    words = np.array(["sun rain hail", "tea milk juice", "oak elm birch"])
    votes = np.where(draw.random((n, 5)) < 0.8, labels[:, None], draw.integers(n_classes, size=(n, 5)))
    votes[draw.random((n, 5)) < 0.2] = -1
    inputs = Inputs(
        features=draw.normal(size=(n, 64)) + 0.6 * np.random.default_rng(9).normal(size=(n_classes, 64))[labels],
        texts=tuple(f"{draw.choice(words[label].split())} {draw.choice('a few more words'.split())}" for label in labels),
        votes=votes,
    )
    return inputs, 0.8 * np.eye(n_classes)[labels] + 0.2 / n_classes


def fitted(group: str, choice: str, n_classes: int = 2, seed: int = 0) -> tuple[Encoder, Fitted, Inputs, FloatArray]:
    """The encoder, the trained model, and what it was trained on."""
    model = built(group, choice, f"seed={seed}")
    inputs, targets = data(n_classes=n_classes)
    encoder = model.representation.fit(inputs)
    read = inputs.with_features(encoder.encode(inputs))
    return encoder, model.learner.fit(read, targets), read, targets


@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_a_model_is_a_representation_and_a_learner(group: str, choice: str) -> None:
    assert isinstance(built(group, choice), ModelParts)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_new_points_get_a_probability_for_every_class_and_a_finite_representation(
    group: str, choice: str, n_classes: int
) -> None:
    encoder, model, _, _ = fitted(group, choice, n_classes)
    new, _ = data(40, n_classes, seed=5)
    read = new.with_features(encoder.encode(new))
    probabilities, represented = model.predict(read), model.represent(read)
    assert probabilities.shape == (40, n_classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
    assert (probabilities >= 0).all()
    assert represented.ndim == 2
    assert len(represented) == 40
    assert np.isfinite(represented).all()


@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_what_the_inputs_tell_is_learned(group: str, choice: str) -> None:
    _, model, read, targets = fitted(group, choice)
    assert np.mean(model.predict(read).argmax(axis=1) == targets.argmax(axis=1)) > 0.75


@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_the_same_seed_trains_the_same_model_bit_for_bit(group: str, choice: str) -> None:
    _, one, read, _ = fitted(group, choice, seed=4)
    _, two, _, _ = fitted(group, choice, seed=4)
    assert np.array_equal(one.predict(read), two.predict(read))
    assert np.array_equal(one.represent(read), two.represent(read))


@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_a_point_is_answered_alike_alone_and_in_any_company(group: str, choice: str) -> None:
    encoder, model, read, _ = fitted(group, choice)
    inputs, _ = data()
    index = np.array([7, 3, 80])
    alone = inputs.take(index).with_features(encoder.encode(inputs.take(index)))
    np.testing.assert_allclose(alone.features, read.features[index], atol=1e-9)
    np.testing.assert_allclose(model.predict(alone), model.predict(read)[index], atol=1e-6)


@pytest.mark.parametrize(("group", "choice"), [found for found in MODELS if found[1] not in {*LEARNS_NOTHING, "boosting"}])
def test_soft_targets_are_learned_as_such(group: str, choice: str) -> None:
    """Targets of .6 and of .99 for the same classes give different probabilities."""
    model: Any = built(group, choice)
    inputs, targets = data()
    read = inputs.with_features(model.representation.fit(inputs).encode(inputs))
    unsure, sure = (p * np.eye(2)[targets.argmax(axis=1)] + (1 - p) / 2 for p in (0.2, 0.98))
    means = [model.learner.fit(read, given).predict(read).max(axis=1).mean() for given in (unsure, sure)]
    assert means[0] < means[1]


@pytest.mark.parametrize(("group", "choice"), MODELS)
def test_fitting_changes_neither_inputs_nor_targets(group: str, choice: str) -> None:
    inputs, targets = data()
    before = inputs.features.copy(), targets.copy()
    fitted(group, choice)
    assert np.array_equal(inputs.features, before[0])
    assert np.array_equal(targets, before[1])


@pytest.mark.parametrize(("group", "choice"), [found for found in MODELS if found[1] not in LEARNS_NOTHING])
def test_weights_decide_which_points_are_believed(group: str, choice: str) -> None:
    """Every point is there with both labels; the heavier one wins."""
    model: Any = built(group, choice)
    inputs, targets = data()
    read = inputs.with_features(model.representation.fit(inputs).encode(inputs))
    both, answers = Inputs.concatenate([read, read]), np.concatenate([targets, 1 - targets])
    heavy = np.repeat([1.0, 0.05], len(targets))
    student, opposite = model.learner.fit(both, answers, heavy), model.learner.fit(both, answers, heavy[::-1].copy())
    assert np.mean(student.predict(read).argmax(axis=1) == targets.argmax(axis=1)) > 0.75
    assert np.mean(opposite.predict(read).argmax(axis=1) == targets.argmax(axis=1)) < 0.25
