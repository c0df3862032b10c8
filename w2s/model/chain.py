"""A chain of models, each of which learns from the labels of the one before (C. Burns et al., 2023, section 4.3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.model.learner_setup import on, with_loss
from w2s.model.model import FittedModel
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.protocols import Learner, ModelParts, PoolView, Refiner, Representation, TrainsRepresentation
from w2s.seeding import generator
from w2s.types import Evidence, FloatArray, Inputs, IntArray, LabelledInputs, Refined
from w2s.utils.ranges import Seed, checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Chain:
    """Models in the order of the mapping, among which the training points are dealt evenly.

    The first learns the labels that are given of its part, each later one those that the one before gives its part. A chain
    of one model is that model.
    """

    models: Mapping[str, ModelParts]
    """By the links' names."""
    refiner: Refiner | None = None
    """Of the labels that each passes on; None: as they are. It sees no true label."""
    loss: Any = None
    """Of all models but the first; None: cross-entropy."""
    seed: Seed = 0
    """Deals the points."""

    def __post_init__(self) -> None:
        require(len(self.models) > 0, "weak_model.models names at least one model.")

    @property
    def representation(self) -> Representation:
        """The first model's, though each link reads by its own."""
        return next(iter(self.models.values())).representation

    @property
    def learner(self) -> ChainLearner:
        """What trains the links."""
        return ChainLearner(self)


@dataclass(frozen=True)
class FittedChain:
    """The trained links, and what the last model would have been without those between."""

    reads_inputs: ClassVar[bool] = True
    """As the data set gives them: each link has a representation of its own."""

    names: tuple[str, ...]
    links: tuple[FittedModel, ...]
    direct: FittedModel | None
    """The last model, taught by the first link on the last link's points; None for fewer than three links."""
    equal_cost: FittedModel | None
    """The last model, taught by the first link on the points of all links but the first; None for fewer than three links."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) of the last link."""
        return self.links[-1].predict(inputs)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) of the last link."""
        return self.links[-1].represent(inputs)


@dataclass(frozen=True)
class ChainLearner:
    """Trains a chain on inputs as the data set gives them."""

    chain: Chain

    def on(self, representation: Representation) -> ChainLearner:  # noqa: ARG002
        """Itself: each link has its own representation."""
        return self

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedChain:
        """Train on n points, at least as many as there are links.

        Raises:
            ConfigError: points are fewer than the links.
        """
        models, labels = list(self.chain.models.values()), as_probabilities(targets)
        counts = None if weights is None else point_weights(weights, len(inputs))
        require(len(inputs) >= len(models), f"{len(inputs)} points for a chain of {len(models)} models.")
        order = generator(self.chain.seed, "chain").permutation(len(inputs)) if len(models) > 1 else np.arange(len(inputs))
        parts = np.array_split(order, len(models))
        links = [_first(models[0], inputs.take(parts[0]), labels[parts[0]], _at(counts, parts[0]))]
        for model, part in zip(models[1:], parts[1:], strict=True):
            links.append(self._link(model, links[-1], inputs.take(part), _at(counts, part)))
        if len(models) < 3:
            return FittedChain(tuple(self.chain.models), tuple(links), None, None)
        others = (parts[-1], np.concatenate(parts[1:]))
        direct, equal_cost = (self._link(models[-1], links[0], inputs.take(part), _at(counts, part)) for part in others)
        return FittedChain(tuple(self.chain.models), tuple(links), direct, equal_cost)

    def _link(self, model: ModelParts, before: FittedModel, inputs: Inputs, counts: FloatArray | None) -> FittedModel:
        """The model, taught by the one before."""
        read, learner, encoder = _reading(model, inputs)
        learner = with_loss(learner, self.chain.loss, "weak_model.loss")
        labels = before.predict(inputs)
        refined = Refined(labels)
        if self.chain.refiner is not None:
            features = read.features if read.features is not None else encoder.encode(inputs)
            evidence = Evidence(features, before.represent(inputs), labels, seed=self.chain.seed)
            refined = self.chain.refiner.refine(PoolView(evidence, learner, None), labels)
        kept = np.flatnonzero(np.ones(len(labels)) if refined.kept is None else refined.kept)
        kept = kept if len(kept) else np.arange(len(labels))
        given = [each[kept] for each in (counts, refined.weights) if each is not None]
        weights = np.prod(given, axis=0) if given else None
        return FittedModel(encoder, learner.fit(read.take(kept), refined.targets[kept], weights=weights))


def _first(model: ModelParts, inputs: Inputs, labels: FloatArray, counts: FloatArray | None) -> FittedModel:
    read, learner, encoder = _reading(model, inputs)
    return FittedModel(encoder, learner.fit(read, labels, weights=counts))


def _at(counts: FloatArray | None, part: IntArray) -> FloatArray | None:
    return None if counts is None else counts[part]


def _reading(model: ModelParts, inputs: Inputs) -> tuple[Inputs, Learner, Any]:
    """The inputs as the model's learner reads them, that learner, and the encoder."""
    encoder = model.representation.fit(inputs)
    if isinstance(model.learner, TrainsRepresentation):
        return inputs, on(model.representation, model.learner), encoder
    return inputs.with_features(encoder.encode(inputs)), model.learner, encoder
