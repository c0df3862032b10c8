"""Correctness of students with known means: what an interval says, and what it should have held.

A student is right on a point where a latent normal is positive: a constant, the point's easiness, its leaning to one kind of
student, the luck of seed and draw, and noise. Its accuracy is then Phi(constant / standard deviation of the rest).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from w2s.types import BoolArray, FloatArray


@dataclass(frozen=True)
class World:
    """Students of q kinds; every number but `accuracy` is a standard deviation of the latent normal, beside noise of 1."""

    accuracy: tuple[float, ...]
    """(q,) of each kind, over all seeds, draws and points."""
    point: float = 1.0
    """How unequally easy the points are, for all students alike."""
    leaning: float = 0.6
    """How unequally easy they are for one kind of student."""
    seed: float = 0.03
    """How lucky a seed is with one kind of student."""
    halving: float = 0.3
    """How one seed's students, of whatever kind, differ from another's on a point."""
    draw: float = 0.05
    """How lucky a draw of training points is."""

    @property
    def scale(self) -> float:
        """Standard deviation of the latent normal."""
        parts = (1.0, self.point, self.leaning, self.seed, self.halving, self.draw)
        return float(np.linalg.norm(parts))

    @property
    def constants(self) -> FloatArray:
        """(q,) means of the latent normal."""
        return np.asarray(ndtri(self.accuracy) * self.scale)

    def points(self, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, q) latent easiness of n test points for each kind of student."""
        shared = self.point * rng.standard_normal((n, 1), np.float32)
        return self.constants + shared + self.leaning * rng.standard_normal((n, len(self.accuracy)), np.float32)

    def on(self, points: FloatArray) -> FloatArray:
        """(q,) accuracy on these test points, over all seeds and draws."""
        rest = float(np.linalg.norm((1.0, self.seed, self.halving, self.draw)))
        return np.asarray(ndtr(points / rest).mean(axis=0))

    def answers(self, points: FloatArray, seeds: int, draws: int, rng: np.random.Generator) -> BoolArray:
        """(S, draws, n, q) which students are right."""
        n, q = points.shape
        luck = self.seed * rng.standard_normal((seeds, 1, 1, q), np.float32)
        halving = self.halving * rng.standard_normal((seeds, 1, n, 1), np.float32)
        drawn = self.draw * rng.standard_normal((seeds, draws, 1, q), np.float32)
        fixed = (points + luck + halving).astype(np.float32)
        return np.asarray(fixed + drawn + rng.standard_normal((seeds, draws, n, q), np.float32) > 0)


def halvings(density: float, n: int, seeds: int, rng: np.random.Generator) -> FloatArray:
    """(S + 1,) overlap density of each seed's pool of n points, and last of the 2 n points that all seeds halve."""
    overlap = rng.random(2 * n) < density
    pools = [rng.permutation(overlap)[:n].mean() for _ in range(seeds)]
    return np.array([*pools, overlap.mean()])


def share_within(low: Sequence[float], high: Sequence[float], truth: Sequence[float]) -> float:
    """Coverage: the share of intervals that hold their truth."""
    return float(np.mean((np.asarray(low) <= truth) & (truth <= np.asarray(high))))
