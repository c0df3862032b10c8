"""The weak model from somebody else: its predictions stand in a column of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.errors import ModelError, require
from w2s.identity import identity
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import Positive, checked


@identity(version=2, runtime=("column",))
@dataclass(frozen=True, kw_only=True)
@checked
class Given:
    """Predictions of another model or the answers of an annotator, which a column of the data holds.

    Probabilities are believed as they stand. Classes say nothing of how sure they are: weak_train's true labels tell how
    often each is right, and where the points can be read `w2s.model.self_confidence` how sure each is.
    """

    column: str
    """A column of classes, or with `*`, which stands for the class, columns of probabilities; the data set reads them."""
    smoothing: Positive = 2.0
    """Points of weak_train's class shares that are added to those of each predicted class."""

    @property
    def representation(self) -> Predictions:
        """What is said of each point."""
        return Predictions()

    @property
    def learner(self) -> GivenLearner:
        """Learns how sure it is."""
        return GivenLearner(self.smoothing)


@dataclass(frozen=True)
class Predictions:
    """The given predictions as features."""

    reads: ClassVar[Column] = "predictions"

    def fit(self, inputs: Inputs) -> Predictions:
        """Nothing to fit."""
        self.encode(inputs)
        return self

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows of zeros where nothing is said.

        Raises:
            ModelError: the data has no predictions.
        """
        if inputs.predictions is None:
            raise ModelError("The data set holds no predictions. Name their column: weak_model.column=...")
        return inputs.predictions


@dataclass(frozen=True)
class GivenLearner:
    """p(class | prediction) counted on the training points where predictions are classes; probabilities stay as they are."""

    smoothing: float = 2.0
    reads: ClassVar[Column] = "predictions"

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedGiven:
        """Count; a point of which nothing is said gets the class shares.

        Raises:
            ModelError: the inputs have no predictions.
        """
        said, truth = predictions_of(inputs), as_probabilities(targets)
        truth = truth * point_weights(weights, len(truth))[:, None]
        prior = truth.sum(axis=0) / truth.sum()
        if not np.isin(said, (0, 1)).all():
            return FittedGiven(prior, None)
        joint = said.T @ truth + self.smoothing * prior
        return FittedGiven(prior, joint / joint.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class FittedGiven:
    """What is made of a prediction."""

    prior: FloatArray
    """(C,) of points of which nothing is said."""
    confusion: FloatArray | None
    """(C, C) p(class k | predicted j) at [j, k]; None where predictions are probabilities."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows sum to 1."""
        said = predictions_of(inputs)
        require(
            said.shape[1] == len(self.prior), f"{said.shape[1]} classes are predicted, not {len(self.prior)}.", ModelError
        )
        answers = said if self.confusion is None else said @ self.confusion
        return np.where(said.sum(axis=1, keepdims=True) == 0, self.prior, answers)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, C) the predictions."""
        return predictions_of(inputs)


def predictions_of(inputs: Inputs) -> FloatArray:
    """(n, C) the predictions, as the representation has made features of them."""
    return Predictions().encode(inputs) if inputs.features is None else inputs.features
