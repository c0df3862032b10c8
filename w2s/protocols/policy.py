"""What chooses the source to buy from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from w2s.types import BoolArray, FloatArray, IntArray, Sealed


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
