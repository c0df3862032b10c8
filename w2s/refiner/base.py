"""What a refiner does with an opinion of the labels (n, C) or a doubt of each label (n,): relabel, drop or weigh.

Every refiner is one of these three. What an opinion or a doubt fits is cross-fitted, unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from w2s.errors import DataError, require
from w2s.identity import identity
from w2s.protocols import PoolView
from w2s.statistics.accuracy import predicted
from w2s.types import BoolArray, FloatArray, IntArray, KnownPoints, Refined
from w2s.utils.ranges import Share, checked


@runtime_checkable
class Opinion(Protocol):
    """Says what the labels should be."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C) probabilities, given the weak labels `targets` (n, C)."""
        ...


@runtime_checkable
class Doubt(Protocol):
    """Says which weak labels seem wrong."""

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1], high where the weak label of `targets` (n, C) seems wrong."""
        ...


@identity()
@dataclass(frozen=True, kw_only=True)
class NoRefiner:
    """Weak labels as they are."""

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Nothing changes."""
        return Refined(targets)


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Relabel:
    """The opinion takes the place of the weak labels: of all, or of the most doubted share."""

    opinion: Opinion
    doubt: Doubt | None = None
    """None: every point is relabelled."""
    share: Share = 0.1
    """Of the pool, where there is a doubt."""

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Other labels."""
        labels = self.opinion.labels(view, targets)
        if self.doubt is None:
            return Refined(labels)
        chosen = most(self.doubt.doubt(view, targets), self.share)
        return Refined(np.where(chosen[:, None], labels, targets))


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Filter:
    """Drops the most doubted points: a share of them, or all above a doubt."""

    doubt: Doubt
    share: Share | None = 0.1
    """Of the pool, or of each class."""
    above: Share | None = None
    """In place of a share: the doubt above which points are dropped."""
    within: Literal["pool", "class"] = "pool"
    """`class` drops the same share of every weak class."""

    def __post_init__(self) -> None:
        one = (self.share is None) != (self.above is None)
        require(one, f"share={self.share} and above={self.above}: a filter takes one of them. Set the other to null.")

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Fewer points."""
        doubt = self.doubt.doubt(view, targets)
        if self.share is None:
            return Refined(targets, kept=doubt <= (1.0 if self.above is None else self.above))
        groups = predicted(targets) if self.within == "class" else np.zeros(len(targets), dtype=np.int64)
        dropped = np.zeros(len(targets), dtype=np.bool_)
        for k in np.unique(groups):
            dropped[groups == k] = most(doubt[groups == k], self.share)
        return Refined(targets, kept=~dropped)


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Weigh:
    """Weight = 1 - doubt."""

    doubt: Doubt

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Weights; students of learners without a use for them are refused."""
        return Refined(targets, weights=1 - self.doubt.doubt(view, targets))


def most(doubt: FloatArray, share: float) -> BoolArray:
    """(n,) the round(n share) most doubted points; of equal ones the first."""
    chosen = np.zeros(len(doubt), dtype=np.bool_)
    chosen[np.argsort(-doubt, kind="stable")[: round(len(doubt) * share)]] = True
    return chosen


def needs_truth(refiner: object) -> bool:
    """Whether a refiner is an oracle: one of its parts says that it opens the pool's true labels."""
    return any(getattr(part, "needs_truth", False) for part in vars(refiner).values())


def truth_of(view: PoolView) -> IntArray:
    """(n,) true classes, for oracles.

    Raises:
        DataError: nobody knows them.
    """
    require(view.truth is not None, "An oracle refiner reads the pool's true labels, and these points have none.", DataError)
    assert view.truth is not None, "refused above"
    return view.truth.open("oracle refiner")


def known_of(view: PoolView) -> KnownPoints:
    """weak_train's points with their true labels.

    Raises:
        DataError: the evidence does not tell them.
    """
    require(view.evidence.known is not None, "This refiner learns from weak_train's labels (Evidence.known).", DataError)
    assert view.evidence.known is not None, "refused above"
    return view.evidence.known.points()
