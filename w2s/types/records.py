"""How a training went, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from w2s.types.arrays import FloatArray


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
