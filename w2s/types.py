"""What crosses from one stage to the next: frozen, each field with its shape and range.

Symbols used throughout the package: n points, d strong features, e weak features, C classes, L labelling functions,
K sources, T rounds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from functools import cached_property
from itertools import chain
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from w2s.errors import DataError, require

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
StrArray = npt.NDArray[np.str_]
Index = IntArray | slice

Column = Literal["features", "texts", "images", "votes", "predictions", "sources", "planted"]
"""What a data set may hold of its points, beside their labels: the columns of `Split` and `Inputs`."""

T = TypeVar("T")


class Region(IntEnum):
    """Which patterns a point holds: the paper's easy-only, hard-only and overlap points (section 3)."""

    UNKNOWN = -1
    """The detector makes no statement about the point."""
    EASY = 0
    """Only the pattern that the weak model can read."""
    HARD = 1
    """Only the pattern that the strong model alone can read."""
    OVERLAP = 2
    """Both patterns."""


KEYED = 4_096
"""Rows that are hashed from one copy of their bytes."""
PROBABILITY_SLACK = 1e-3
"""How far from 1 the sum of a point's probabilities may be: half precision, not percents."""

KNOWN_REGIONS = (Region.EASY, Region.HARD, Region.OVERLAP)


@dataclass(frozen=True, eq=False)
class Sealed(Generic[T]):
    """A truth that no stage may look at by accident: it has to be opened, and the opener says why.

    Neither printing it nor comparing it tells anything.
    """

    _value: T = field(repr=False)

    def open(self, reason: str) -> T:
        """The value. `reason` names who looks: the ceiling, an oracle member, the evaluation, the weak model's training."""
        assert reason, "a seal is opened for a reason"
        return self._value

    def take(self, index: Index) -> Sealed[Any]:
        """The sealed truth of a part of the points; nothing is opened."""
        return Sealed(self._value[index])  # type: ignore[index]

    @staticmethod
    def concatenate(parts: Sequence[Sealed[Any]]) -> Sealed[Any]:
        """The sealed truths of several groups of points, one after the other; nothing is opened."""
        return Sealed(np.concatenate([part._value for part in parts]))


class Picture(Protocol):
    """A picture, read and decoded whenever it is asked for."""

    @property
    def name(self) -> str:
        """What a message calls it: its file, or its place in one."""
        ...

    @property
    def sha256(self) -> bytes:
        """Of its file's bytes: what it is known by, whatever it is called."""
        ...

    def read(self) -> bytes:
        """Its file's bytes.

        Raises:
            DataError: they cannot be read, or are others than those of `sha256`.
        """
        ...


@dataclass(frozen=True)
class Inputs:
    """What a model reads of n points: a feature matrix, texts, pictures, votes of labelling functions, predictions."""

    features: FloatArray | None = None
    """(n, d), finite."""
    texts: tuple[str, ...] | None = None
    """n texts."""
    images: tuple[Picture, ...] | None = None
    """n pictures."""
    votes: IntArray | None = None
    """(n, L) in {-1, 0 ... C-1}; -1 abstains."""
    predictions: FloatArray | None = None
    """(n, C) of somebody else's model; rows sum to 1, or to 0 where it says nothing."""

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns.values()}
        assert len(lengths) <= 1, f"all columns describe the same points; got {sorted(lengths)} of them"

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that are there, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name) is not None}

    def __len__(self) -> int:
        return next(map(len, self.columns.values()), 0)

    def take(self, index: Index) -> Inputs:
        """The inputs of the points at `index`, in that order."""
        assert isinstance(index, slice) or index.dtype != np.bool_, "positions are wanted, not a mask"
        return Inputs(**{name: _taken(column, index) for name, column in self.columns.items()})

    @staticmethod
    def concatenate(parts: Sequence[Inputs]) -> Inputs:
        """All points of `parts`, which have the same columns, one part after the other."""
        held = [part.columns for part in parts]
        assert all(each.keys() == held[0].keys() for each in held), "all parts have the same columns"
        return Inputs(**{name: _joined([each[name] for each in held]) for name in (held[0] if held else ())})

    def with_features(self, features: FloatArray) -> Inputs:
        """The same points read through `features` (n, d); all other columns stay."""
        assert len(features) == len(self), f"{len(features)} feature rows for {len(self)} points"
        return replace(self, features=features)


def _taken(column: Any, index: Index) -> Any:
    """The part of an array or a tuple."""
    if isinstance(index, slice) or not isinstance(column, tuple):
        return column[index]
    return tuple(column[i] for i in index.tolist())


def _joined(columns: Sequence[Any]) -> Any:
    """Arrays or tuples, one after the other."""
    return tuple(chain.from_iterable(columns)) if isinstance(columns[0], tuple) else np.concatenate(columns)


@dataclass(frozen=True)
class LabelledInputs:
    """n points with what a model should say of them: labels of a weak model where they watch a student's training."""

    inputs: Inputs
    targets: FloatArray
    """(n, C) probabilities."""

    def __post_init__(self) -> None:
        assert len(self.inputs) == len(self.targets), f"{len(self.targets)} targets for {len(self.inputs)} points"

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Split:
    """n points of one role."""

    ids: StrArray
    """(n,), unique within the data set; two points may hold the same text."""
    inputs: Inputs
    labels: Sealed[IntArray] | None
    """(n,) in {0 ... C-1}; None where nobody knows them: of a pool alone."""
    sources: StrArray | None = None
    """(n,) name of the source each point comes from, where the data has one."""
    planted: Sealed[IntArray] | None = None
    """(n,) `Region` codes, where the truth is planted."""

    def __post_init__(self) -> None:
        assert len(self.inputs) in (0, len(self.ids)), f"{len(self.inputs)} inputs for {len(self.ids)} points"

    def __len__(self) -> int:
        return len(self.ids)

    def truth(self, reason: str) -> IntArray:
        """(n,) true classes, opened for `reason`.

        Raises:
            DataError: nobody knows them.
        """
        require(self.labels is not None, f"{reason}: these points have no true labels.", DataError)
        assert self.labels is not None, "refused above"
        return self.labels.open(reason)

    @staticmethod
    def concatenate(parts: Sequence[Split]) -> Split:
        """All points of `parts`, which have the same columns, one part after the other; nothing is opened."""
        sources = [part.sources for part in parts if part.sources is not None]
        planted = [part.planted for part in parts if part.planted is not None]
        labels = [part.labels for part in parts if part.labels is not None]
        for column in (sources, planted, labels):
            assert len(column) in (0, len(parts)), "all parts have the same columns"
        return Split(
            ids=np.concatenate([part.ids for part in parts]),
            inputs=Inputs.concatenate([part.inputs for part in parts]),
            labels=Sealed.concatenate(labels) if labels else None,
            sources=np.concatenate(sources) if sources else None,
            planted=Sealed.concatenate(planted) if planted else None,
        )

    def take(self, index: Index) -> Split:
        """The points at `index`, in that order."""
        return Split(
            ids=self.ids[index],
            inputs=self.inputs.take(index),
            labels=None if self.labels is None else self.labels.take(index),
            sources=None if self.sources is None else self.sources[index],
            planted=None if self.planted is None else self.planted.take(index),
        )


@dataclass(frozen=True, kw_only=True)
class ColumnRoles:
    """Which columns of a table points were read from: what reads further rows of the kind."""

    text: str | None = None
    """Column of texts, or a template."""
    features: tuple[str, ...] = ()
    """Numeric columns, in this order."""
    votes: tuple[str, ...] = ()
    """Columns of labelling functions' votes."""
    labels: tuple[str | int | float | bool, ...] = ()
    """The C labels as they stand in the table: what a vote can say."""
    predictions: str | None = None
    """Column of somebody else's predictions, or with `*` for the class, columns of probabilities."""
    source: str | None = None
    id: str | None = None


@dataclass(frozen=True, eq=False)
class NewRows:
    """n rows of a new file, as they were found there."""

    inputs: Inputs
    ids: Any
    """(n,) Arrow column."""
    sources: Any | None
    """(n,) Arrow column of texts; None where no source is read."""
    months: Any | None
    """(n,) Arrow column of texts such as 2026-11; None where no date is read."""


@dataclass(frozen=True)
class Splits:
    """A data set in its four roles."""

    weak_train: Split
    """The weak model learns from these points and their true labels."""
    pool: Split
    """The weak model labels these points; the student learns from those labels."""
    validation: Split
    test: Split
    classes: tuple[str, ...]
    """Names of the C classes; label k stands for `classes[k]`."""
    fixed_halves: bool = False
    """Whether the data says which points are weak_train and which are pool; else the run's seed halves their union."""
    provenance: tuple[tuple[str, str], ...] = ()
    """What the data is, as (name, value): the file's fingerprint, the resolved commit of a hub data set."""
    notes: tuple[str, ...] = ()
    """What a reader of the results must know: fewer points than asked for, rows dropped."""
    columns: ColumnRoles | None = None
    """Where the points are rows of a table: how its columns were read."""


@dataclass(frozen=True)
class KnownPoints:
    """m points whose true class is known, as the weak model sees points that it has not been trained on."""

    weak: FloatArray
    """(m, e) weak model's features."""
    probabilities: FloatArray
    """(m, C) of each point by a weak model trained without it."""
    classes: IntArray
    """(m,) true classes."""


class KnownLabels(Protocol):
    """What the true labels of weak_train, with which the weak model was trained, tell; computed when asked for.

    It holds no truth about the pool. What a detector or refiner asks of it is counted as `labels_used`.
    """

    def points(self) -> KnownPoints:
        """weak_train itself, each point held out from the weak model in turn."""
        ...

    def error(self, probabilities: FloatArray) -> FloatArray:
        """(n,) in [0, 1] estimated probability that the weak label is wrong, for weak probabilities (n, C) of any points."""
        ...

    def trial(self, picks: Sequence[Evidence]) -> BoolArray:
        """(P, m) whether a student of the weak labels of each of P picks is right on each of weak_train's m points."""
        ...


@dataclass(frozen=True, repr=False)
class Evidence:
    """All that a detector may look at, for n points. No true label is among it."""

    strong: FloatArray
    """(n, d) strong representation."""
    weak: FloatArray
    """(n, e) weak model's features."""
    probabilities: FloatArray
    """(n, C) weak model's probabilities; rows sum to 1."""
    seed: int = 0
    """Seed of the detector's own random streams."""
    planted: Sealed[IntArray] | None = None
    """(n,) `Region` codes, opened by the oracle detector only."""
    known: KnownLabels | None = None
    """What weak_train's true labels tell; None where nothing is known of them."""

    def __post_init__(self) -> None:
        shapes = {name: np.shape(getattr(self, name)) for name in ("strong", "weak", "probabilities")}
        for name, shape in shapes.items():
            object.__setattr__(self, name, np.asarray(getattr(self, name)))
            require(len(shape) == 2, f"{name} has shape {shape}: evidence is a table, one row for each point.", DataError)
        rows = {name: shape[0] for name, shape in shapes.items()}
        require(len(set(rows.values())) == 1, f"strong, weak and probabilities differ in their rows: {rows}.", DataError)
        off = float(np.max(np.abs(np.sum(self.probabilities, axis=1) - 1), initial=0.0))
        require(not off > PROBABILITY_SLACK, f"probabilities: rows sum to 1; one is {off:.3g} away from it.", DataError)

    def __len__(self) -> int:
        return len(self.probabilities)

    def __repr__(self) -> str:
        (n, d), e, n_classes = self.strong.shape, self.weak.shape[1], self.probabilities.shape[1]
        return f"Evidence({n} points: {d} strong and {e} weak features, {n_classes} classes)"

    @cached_property
    def keys(self) -> IntArray:
        """(n,) a 64-bit hash of what is known of each point: equal for equal points, whatever other points there are."""
        return self.salted_keys(0)

    def salted_keys(self, salt: int) -> IntArray:
        """(n,) as `keys`, but other hashes for each `salt` >= 0."""
        digests: list[bytes] = []
        made = hashlib.blake2b(digest_size=8, salt=salt.to_bytes(16, "little"))
        for start in range(0, len(self), KEYED):
            parts = (table[start : start + KEYED] for table in (self.strong, self.weak, self.probabilities))
            block = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in parts], axis=1)
            rows, width = memoryview(block.tobytes()), block.shape[1]
            for at in range(0, len(rows), width):
                key = made.copy()
                key.update(rows[at : at + width])
                digests.append(key.digest())
        return np.frombuffer(b"".join(digests), dtype=np.uint64)

    def take(self, index: Index) -> Evidence:
        """The evidence of the points at `index`, in that order."""
        part = replace(
            self,
            strong=self.strong[index],
            weak=self.weak[index],
            probabilities=self.probabilities[index],
            planted=None if self.planted is None else self.planted.take(index),
        )
        if "keys" in vars(self):  # known already: a part hashes no row again
            vars(part)["keys"] = self.keys[index]
        return part


@dataclass(frozen=True)
class Refined:
    """What a refiner makes of n weak labels."""

    targets: FloatArray
    """(n, C) probabilities, in the place of the weak ones."""
    weights: FloatArray | None = None
    """(n,) finite and >= 0, how often each point counts; None for once each."""
    kept: BoolArray | None = None
    """(n,) which points a student learns from; None for all."""

    def among(self, index: Index) -> Index:
        """The kept ones of the points at `index`, in that order."""
        if self.kept is None:
            return index
        chosen = np.arange(len(self.targets))[index]
        return chosen[self.kept[chosen]]


@dataclass(frozen=True, repr=False)
class Partition:
    """A detector's answer for n points."""

    regions: IntArray
    """(n,) `Region` codes."""
    confidence: FloatArray
    """(n,) in [0, 1], weak model's top-1 minus top-2 probability; 2 |p - .5| with two classes."""
    score: FloatArray
    """(n,) overlap score; NaN where the detector gives none (hard points)."""
    threshold_hard: float | None = None
    """Confidence that separates hard from non-hard points; None where no threshold was used or found."""
    threshold_overlap: float | None = None
    """Score that separates overlap from easy points; None where no threshold was used or found."""
    reason: str | None = None
    """Why there is no overlap in this partition, where there is none."""

    def __len__(self) -> int:
        return len(self.regions)

    def __repr__(self) -> str:
        counts = ", ".join(f"{np.sum(self.regions == region)} {region.name.lower()}" for region in Region)
        return f"Partition({len(self)} points: {counts}{f'; {self.reason}' if self.reason else ''})"

    def members(self, *regions: Region) -> IntArray:
        """Positions of the points in any of `regions`, ascending."""
        return np.flatnonzero(np.isin(self.regions, [int(region) for region in regions]))

    def share(self, region: Region) -> float:
        """Share of the points in `region`, in [0, 1]."""
        return float(np.mean(self.regions == region)) if len(self) else 0.0


@dataclass(frozen=True)
class History:
    """How the training of a network went."""

    steps: FloatArray = field(default_factory=lambda: np.zeros((0, 5)))
    """(T, 5) of each step: number from 1, mean loss, share of points whose predicted class is the target's, learning rate,
    tokens read."""
    evaluations: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    """(E, 2) steps taken, and agreement with the weak labels of the validation points."""


@dataclass(frozen=True)
class CacheStats:
    """What n vectors cost that are computed once and kept."""

    texts: int
    """n, texts asked for."""
    computed: int
    """Vectors computed now; equal texts count once."""
    reused: int
    """Vectors that were there."""


def as_names(values: Sequence[Any]) -> StrArray:
    """(n,) array of strings, from anything printable."""
    return np.array([str(value) for value in values], dtype=np.str_)
