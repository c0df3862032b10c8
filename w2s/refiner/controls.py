"""What every refiner is held against: oracles that open the pool's labels, and chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.protocols import PoolView
from w2s.refiner.base import truth_of
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray


@dataclass(frozen=True, kw_only=True)
class Chance:
    """Random points, whatever their label."""

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1), by the view's seed."""
        return generator(view.evidence.seed, "refiner", "chance").uniform(size=len(targets))


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """Oracle: the wrong weak labels, then random ones."""

    needs_truth: ClassVar[bool] = True

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) at least 1/2 where the weak label is wrong."""
        return np.asarray((predicted(targets) != truth_of(view)) + Chance().doubt(view, targets)) / 2


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Oracle: the true labels."""

    needs_truth: ClassVar[bool] = True

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C) one-hot."""
        return np.eye(targets.shape[1])[truth_of(view)]


@dataclass(frozen=True, kw_only=True)
class Themselves:
    """The weak labels, unasked."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C)."""
        return targets


@dataclass(frozen=True, kw_only=True)
class Permuted:
    """The weak labels of other points, at random: the shares of the classes stay."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C)."""
        return generator(view.evidence.seed, "refiner", "permuted").permutation(targets)
