"""What a detector or refiner may look at, and what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Protocol

import numpy as np

from w2s.errors import DataError, require
from w2s.types.arrays import BoolArray, FloatArray, Index, IntArray
from w2s.types.points import Sealed


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


KNOWN_REGIONS = (Region.EASY, Region.HARD, Region.OVERLAP)


KEYED = 4_096
"""Rows that are hashed from one copy of their bytes."""


PROBABILITY_SLACK = 1e-3
"""How far from 1 the sum of a point's probabilities may be: half precision, not percents."""


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
