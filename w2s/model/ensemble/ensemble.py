"""A model whose learner is several of another model's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from w2s.identity import identity
from w2s.protocols import Fitted, Learner, ModelParts, ReadsColumn, Representation, TrainsRepresentation
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs


@identity()
@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """A model whose learner is made of several of another model's."""

    of: ModelParts
    teachers: Callable[..., Learner]
    """A learner that takes another one as `of`."""

    @property
    def representation(self) -> Representation:
        """That of the one model."""
        return self.of.representation

    @property
    def learner(self) -> Learner:
        """The teachers over its learner."""
        own = self.of.learner
        return NetworkTeachers(self.teachers, own) if isinstance(own, TrainsRepresentation) else self.teachers(of=own)


@dataclass(frozen=True)
class NetworkTeachers:
    """Teachers that each train the one model's network."""

    teachers: Callable[..., Learner]
    of: TrainsRepresentation

    @property
    def uses_validation(self) -> bool:
        """Whether validation points choose among the teachers."""
        return bool(getattr(self.teachers(of=self.of), "uses_validation", False))

    @property
    def reads(self) -> Column:
        """What the network reads."""
        return self.of.reads if isinstance(self.of, ReadsColumn) else "texts"

    def on(self, representation: Representation) -> NetworkTeachers:
        """The same, training the network of that representation."""
        trained = self.of.on(representation)
        assert isinstance(trained, TrainsRepresentation), "it still is what trains it"
        return NetworkTeachers(self.teachers, trained)

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> Fitted:
        """Train on n points as the data set gives them."""
        return self.teachers(of=self.of).fit(inputs, targets, weights, validation)
