"""What makes something better of weak labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from w2s.protocols.model import Learner
from w2s.types import Evidence, FloatArray, Inputs, IntArray, Refined, Sealed, Specialised


@dataclass(frozen=True)
class PoolView:
    """All that a refiner may look at of the pool."""

    evidence: Evidence
    """With the frozen strong representation, whatever the detector reads."""
    probe: Learner
    """Trained on vectors by refiners that cross-fit."""
    truth: Sealed[IntArray] | None = None
    """(n,) true classes, opened by oracles only; None where nobody knows them."""
    teachers: Specialised | None = None
    """Where the weak model is several teachers of some classes each."""

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
