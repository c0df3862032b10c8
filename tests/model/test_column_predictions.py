"""Somebody else's predictions as the weak model."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.errors import ModelError
from w2s.model import Given, Model
from w2s.model.model import FittedModel
from w2s.types import Inputs


def fitted(said: list[list[float]], truth: list[int], smoothing: float = 2.0) -> FittedModel:
    given = Given(column="says", smoothing=smoothing)
    inputs = Inputs(predictions=np.array(said))
    encoder = given.representation.fit(inputs)
    return FittedModel(encoder, given.learner.fit(inputs.with_features(encoder.encode(inputs)), np.eye(2)[truth]))


def test_probabilities_are_believed_and_silence_is_the_class_shares() -> None:
    model = fitted([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.0, 0.0]], [0, 1, 1, 1])
    asked = Inputs(predictions=np.array([[0.3, 0.7], [0.0, 0.0]]))
    assert model.predict(asked) == pytest.approx(np.array([[0.3, 0.7], [0.25, 0.75]]))


def test_classes_are_as_sure_as_they_are_right_on_weak_train() -> None:
    said = [[1.0, 0.0]] * 8 + [[0.0, 1.0]] * 8
    model = fitted(said, [0] * 6 + [1] * 2 + [1] * 8)
    prior = np.array([6, 10]) / 16
    expected = np.array([(np.array([6, 2]) + 2 * prior) / 10, (np.array([0, 8]) + 2 * prior) / 10])
    assert model.predict(Inputs(predictions=np.eye(2))) == pytest.approx(expected)
    assert model.represent(Inputs(predictions=np.eye(2))) == pytest.approx(np.eye(2))


def test_data_without_predictions_is_refused() -> None:
    with pytest.raises(ModelError, match="no predictions"):
        Model(Given(column="says").representation, Given(column="says").learner).representation.fit(Inputs(texts=("a",)))
