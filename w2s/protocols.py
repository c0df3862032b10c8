"""What the config groups promise one another. A study knows these and nothing more concrete.

What a study and an analysis are stands in `w2s.study.base`, above the prepared pool and the recorder that they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np

from w2s.types import (
    BoolArray,
    CacheStats,
    Column,
    Evidence,
    FloatArray,
    History,
    Inputs,
    IntArray,
    LabelledInputs,
    Partition,
    Refined,
    Sealed,
    Splits,
)

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class Dataset(Protocol):
    """Where points come from."""

    def load(self, data_seed: int) -> Splits:
        """The data in its four roles. `data_seed` fixes the sample, the coin flips and the balancing.

        Raises:
            DataError: the data is missing, malformed or too small.
        """
        ...


@runtime_checkable
class DeclaresColumns(Dataset, Protocol):
    """A data set that says before it is loaded what its points hold; one that does not is not checked."""

    @property
    def provides(self) -> frozenset[Column]:
        """The columns that every split will hold."""
        ...


@runtime_checkable
class ReadsColumn(Protocol):
    """A representation, learner or detector that says which column of the data it reads; others are not checked."""

    @property
    def reads(self) -> Column:
        """Without this column `fit` raises."""
        ...


@runtime_checkable
class Previewable(Dataset, Protocol):
    """A data set that can be so small that loading it is part of checking it."""

    def preview(self, data_seed: int) -> Splits | None:
        """What `load` gives, where that takes milliseconds; else None."""
        ...


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


@runtime_checkable
class Threshold(Protocol):
    """Splits values into a lower and an upper part."""

    def split(self, values: FloatArray) -> float | None:
        """The smallest value of the upper part of (n,) finite values; None where this method sees no split."""
        ...


@runtime_checkable
class NoiseThreshold(Protocol):
    """A threshold that knows how often the weak labels are wrong."""

    def split_by_error(self, values: FloatArray, error: FloatArray) -> float | None:
        """As `Threshold.split`, for points whose weak labels are wrong with probability `error` (n,)."""
        ...


@runtime_checkable
class OnlinePartitioner(Protocol):
    """A detector that is shown points batch by batch."""

    def add(self, evidence: Evidence) -> Partition:
        """The regions of a batch, in the light of all batches so far."""
        ...


@runtime_checkable
class OnlineDetector(Protocol):
    """A detector that partitions points as they come, recomputing nothing."""

    def online(self) -> OnlinePartitioner:
        """Begin with no points."""
        ...


@runtime_checkable
class FittedDetector(Protocol):
    """A detector that has seen the pool."""

    @property
    def features(self) -> str:
        """Which strong representation it reads, as its detector says."""
        ...

    def partition(self, evidence: Evidence) -> Partition:
        """The regions of any n points, by the thresholds and hard points found in the pool."""
        ...


@runtime_checkable
class ExplainsChoice(FittedDetector, Protocol):
    """A fitted detector that has chosen among others, and says by what; others have nothing to say."""

    @property
    def explanation(self) -> str:
        """A note for the run."""
        ...


@runtime_checkable
class Detector(Protocol):
    """Finds overlap points."""

    @property
    def features(self) -> str:
        """Which strong representation detection reads: `frozen`, or `student` (the one trained on all weak labels)."""
        ...

    def fit(self, evidence: Evidence, probe: Learner) -> FittedDetector:
        """Set thresholds and hard points from the pool's evidence; a detector that cross-fits trains `probe` on vectors."""
        ...


@dataclass(frozen=True)
class PoolView:
    """All that a refiner may look at of the pool."""

    evidence: Evidence
    """With the frozen strong representation, whatever the detector reads."""
    probe: Learner
    """Trained on vectors by refiners that cross-fit."""
    truth: Sealed[IntArray] | None = None
    """(n,) true classes, opened by oracles only; None where nobody knows them."""

    @property
    def strong(self) -> Inputs:
        """The n points as `probe` reads them."""
        return Inputs(features=self.evidence.strong)


@runtime_checkable
class Refiner(Protocol):
    """Makes something better of weak labels before a student learns from them."""

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Other labels, weights, or fewer points, for weak labels `targets` (n, C) of the pool.

        Raises:
            DataError: it reads what the pool does not have.
        """
        ...


@dataclass(frozen=True)
class BanditProblem:
    """What a policy may know before the first round. R repetitions run side by side (R = 1 in a study)."""

    n_sources: int
    """K."""
    rounds: int
    """T, the horizon."""
    batch: int
    """m, points drawn a round."""
    generator: np.random.Generator
    """The policy's own random stream."""
    true_density: Sealed[FloatArray]
    """(K,) in [0, 1], opened by the oracle policy only."""
    repetitions: int = 1
    """R."""
    prices: FloatArray | None = None
    """(K,) money per point; None where points cost nothing."""


@runtime_checkable
class Policy(Protocol):
    """Chooses the source to buy from. Made for one `BanditProblem`; keeps its own counts."""

    def select(self, available: BoolArray) -> IntArray:
        """(R,) chosen sources, given (R, K) which sources still hold points. At least one is available in each row."""
        ...

    def update(self, source: IntArray, n_overlap: IntArray, n: IntArray) -> None:
        """Learn that source (R,) gave n (R,) points of which n_overlap (R,) were found to overlap."""
        ...


PolicyMaker = Callable[[BanditProblem], Policy]
"""A policy choice of the configuration: call it with a `BanditProblem` to begin one."""


@runtime_checkable
class Tracker(Protocol):
    """Sends numbers, tables and figures to where people compare runs. A failing tracker never fails a run."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; an exception marks the run as failed."""
        ...

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics (no step), or one step of a series."""
        ...

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table."""
        ...

    def image(self, name: str, path: Path) -> None:
        """A figure, as the path of a PNG file."""
        ...

    def note(self, text: str) -> None:
        """What the run found, in words."""
        ...
