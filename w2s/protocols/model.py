"""How a model reads its inputs, and what it trains on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from w2s.types import CacheStats, Column, FloatArray, History, Inputs, IntArray, LabelledInputs


@runtime_checkable
class Encoder(Protocol):
    """Reads inputs as vectors. A *pure* encoder is a function of each input alone, and is stored per input."""

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d), one row per input; a pure encoder gives float32."""
        ...


@runtime_checkable
class Representation(Protocol):
    """Becomes an encoder by looking at inputs, never at labels. A pure encoder returns itself."""

    def fit(self, inputs: Inputs) -> Encoder:
        """The encoder fitted on `inputs`."""
        ...


@runtime_checkable
class StoredEncoder(Encoder, Protocol):
    """A pure encoder that keeps its vectors, so that they can be computed before they are needed."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the checkpoint is: a content hash, or a commit."""
        ...

    def pinned(self) -> Encoder:
        """The same encoder by a name that stands for its content alone: what is saved instead of weights."""
        ...

    def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> CacheStats:
        """Compute what is not there yet of one of `shards` parts of the inputs."""
        ...


@runtime_checkable
class ReadsColumn(Protocol):
    """A representation, learner or detector that says which column of the data it reads; others are not checked."""

    @property
    def reads(self) -> Column:
        """Without this column `fit` raises."""
        ...


@runtime_checkable
class Fitted(Protocol):
    """A trained model."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows sum to 1."""
        ...

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) what the model's last layer reads."""
        ...


@runtime_checkable
class TrainedBySteps(Fitted, Protocol):
    """A trained model that remembers how its training went."""

    @property
    def history(self) -> History:
        """Loss and agreement step by step."""
        ...


@runtime_checkable
class ComesApart(Fitted, Protocol):
    """A trained network that can be asked for its vectors once, and then for what follows from them."""

    def apart(self) -> tuple[Encoder, Fitted]:
        """The network, and what reads its vectors as features."""
        ...


@runtime_checkable
class Learner(Protocol):
    """Anything trained: a probe, an MLP, a label model, an adapter."""

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> Fitted:
        """Train on n points.

        Args:
            inputs: n points.
            targets: (n,) class codes with every class present up to the highest, or (n, C) probabilities.
            weights: (n,) >= 0, how often each point counts; None for once each.
            validation: points with *weak* labels for learners that stop early or keep their best state; others ignore it.

        Raises:
            ModelError: weights were given to a learner that has no use for them.
        """
        ...


@runtime_checkable
class TrainsRepresentation(Learner, Protocol):
    """A learner that trains the representation itself and not only what stands on top of it."""

    def on(self, representation: Representation) -> Learner:
        """This learner, training that representation.

        Raises:
            ConfigError: it cannot be trained.
        """
        ...


@runtime_checkable
class TakesLoss(Learner, Protocol):
    """A learner that says which losses it can minimise."""

    def with_loss(self, loss: Any) -> Learner:
        """This learner, minimising a loss of `w2s.loss`.

        Raises:
            ConfigError: it cannot.
        """
        ...


@runtime_checkable
class UsesValidation(Learner, Protocol):
    """A learner that chooses its state by validation points; for others these are not even encoded."""

    @property
    def uses_validation(self) -> bool:
        """Whether this one does."""
        ...


@runtime_checkable
class BatchLearner(Protocol):
    """A learner that trains several students faster together than one after the other."""

    def fit_many(
        self,
        inputs: Sequence[Inputs],
        targets: Sequence[IntArray | FloatArray],
        weights: Sequence[FloatArray] | None = None,
    ) -> Iterator[Fitted]:
        """One student for each of the inputs and their targets, in their order, each what `Learner.fit` would give."""
        ...


@runtime_checkable
class IncrementalFit(Protocol):
    """A learner that has been told of all points it may ever train on, and keeps what it computed between fits."""

    def fit(self, index: IntArray) -> Fitted:
        """Train on the points at `index`; fast where the points of the last fit come first, in their order."""
        ...


@runtime_checkable
class IncrementalLearner(Learner, Protocol):
    """A learner with a faster way to train again and again on a growing set; the fits agree with `fit`."""

    def incremental(self, inputs: Inputs, targets: FloatArray) -> IncrementalFit | None:
        """Begin with n points and targets (n, C); None where this learner has no faster way for them."""
        ...


@runtime_checkable
class ModelParts(Protocol):
    """A weak or strong model: how it reads the inputs, and what it trains on top."""

    @property
    def representation(self) -> Representation:
        """Reads the inputs."""
        ...

    @property
    def learner(self) -> Learner:
        """Trains on what the representation reads."""
        ...
