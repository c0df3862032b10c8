"""How a training went, what it cost, and what several teachers say."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from w2s.types.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class History:
    """How the training of a network went."""

    steps: FloatArray = field(default_factory=lambda: np.zeros((0, 5)))
    """(T, 5) of each step: number from 1, mean loss, share of points whose predicted class is the target's, learning rate,
    tokens read."""
    evaluations: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    """(E, 2) steps taken, and agreement with the weak labels of the validation points."""


@dataclass(frozen=True)
class Specialised:
    """What M teachers, each of some classes, say of n points."""

    answers: FloatArray
    """(M, n, C) probabilities, 0 for the classes of others."""
    groups: IntArray
    """(C,) in {0 ... M - 1}: whose class each is."""


@dataclass(frozen=True)
class CacheStats:
    """What n vectors cost that are computed once and kept."""

    texts: int
    """n, texts asked for."""
    computed: int
    """Vectors computed now; equal texts count once."""
    reused: int
    """Vectors that were there."""
