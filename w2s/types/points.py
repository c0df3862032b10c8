"""Points, what is read of them, and the four roles of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np

from w2s.errors import DataError, require
from w2s.types.arrays import FloatArray, Index, IntArray, StrArray

Column = Literal["features", "texts", "images", "votes", "predictions", "sources", "planted"]
"""What a data set may hold of its points, beside their labels: the columns of `Split` and `Inputs`."""


T = TypeVar("T")

GATHERED = 100_000
"""Rows that are copied at once out of several arrays."""


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
    def concatenate(parts: Sequence[Sealed[Any]], index: IntArray | None = None) -> Sealed[Any]:
        """The sealed truths of several groups of points, one after the other, or of those at `index`; nothing is opened."""
        return Sealed(_joined([part._value for part in parts], index))


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
    def concatenate(parts: Sequence[Inputs], index: IntArray | None = None) -> Inputs:
        """All points of `parts`, which have the same columns, one part after the other, or those at `index` among them."""
        held = [part.columns for part in parts]
        assert all(each.keys() == held[0].keys() for each in held), "all parts have the same columns"
        return Inputs(**{name: _joined([each[name] for each in held], index) for name in (held[0] if held else ())})

    def with_features(self, features: FloatArray) -> Inputs:
        """The same points read through `features` (n, d); all other columns stay."""
        assert len(features) == len(self), f"{len(features)} feature rows for {len(self)} points"
        return replace(self, features=features)


def _taken(column: Any, index: Index) -> Any:
    """The part of an array or a tuple."""
    if isinstance(index, slice) or not isinstance(column, tuple):
        return column[index]
    return tuple(column[i] for i in index.tolist())


def _joined(columns: Sequence[Any], index: IntArray | None = None) -> Any:
    """Arrays or tuples, one after the other, or the entries at `index` among them; then arrays are never put together."""
    if isinstance(columns[0], tuple):
        together = tuple(chain.from_iterable(columns))
        return together if index is None else _taken(together, index)
    if index is None:
        return np.concatenate(columns)
    found = np.empty((len(index), *columns[0].shape[1:]), np.result_type(*columns))
    starts = np.cumsum([0, *map(len, columns)])
    for first in range(0, len(index), GATHERED):
        places = index[first : first + GATHERED]
        owners = np.searchsorted(starts, places, side="right") - 1
        for k, column in enumerate(columns):
            mine = np.flatnonzero(owners == k)
            found[first + mine] = column[places[mine] - starts[k]]
    return found


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
    periods: StrArray | None = None
    """(n,) year, month or day that each point is of, where the data has dates; their order is that of the texts."""

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
    def concatenate(parts: Sequence[Split], index: IntArray | None = None) -> Split:
        """All points of `parts`, one part after the other, or those at `index` among them; nothing is opened.

        The parts have the same columns.
        """
        sources = [part.sources for part in parts if part.sources is not None]
        planted = [part.planted for part in parts if part.planted is not None]
        periods = [part.periods for part in parts if part.periods is not None]
        labels = [part.labels for part in parts if part.labels is not None]
        for column in (sources, planted, periods, labels):
            assert len(column) in (0, len(parts)), "all parts have the same columns"
        return Split(
            ids=_joined([part.ids for part in parts], index),
            inputs=Inputs.concatenate([part.inputs for part in parts], index),
            labels=Sealed.concatenate(labels, index) if labels else None,
            sources=_joined(sources, index) if sources else None,
            planted=Sealed.concatenate(planted, index) if planted else None,
            periods=_joined(periods, index) if periods else None,
        )

    def take(self, index: Index) -> Split:
        """The points at `index`, in that order."""
        return Split(
            ids=self.ids[index],
            inputs=self.inputs.take(index),
            labels=None if self.labels is None else self.labels.take(index),
            sources=None if self.sources is None else self.sources[index],
            planted=None if self.planted is None else self.planted.take(index),
            periods=None if self.periods is None else self.periods[index],
        )


@dataclass(frozen=True, kw_only=True)
class ColumnRoles:
    """Which columns of a table points were read from: what reads further rows of the kind."""

    text: str | None = None
    """Column of texts, or a template."""
    image: str | None = None
    """Column of pictures: paths, or the bytes of files."""
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
