"""Planted truth: the paper's generator of easy-only, hard-only and overlap points (section 5, figure 1 right)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from w2s.dataset.roles import Sizes
from w2s.errors import require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import FloatArray, Inputs, Region, Sealed, Split, Splits, as_names


@identity()
@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """x = (2 y - 1) theta + N(0, variance I), theta ~ U[0, 1]^d; the first `d_easy` coordinates hold the easy pattern.

    An easy-only point has no hard block and a hard-only point no easy block: `absent` says what stands there instead.
    Each role is its own draw with the exact block sizes, in random order.
    """

    easy: int = 100
    """Easy-only points of each role, >= 0."""
    hard: int = 100
    """Hard-only points of each role, >= 0."""
    overlap: int = 50
    """Overlap points of each role, >= 0."""
    d_easy: int = 20
    d_hard: int = 20
    variance: float = 5.0
    """Of the noise in every coordinate, > 0."""
    absent: Literal["zeros", "noise"] = "zeros"
    """Where a pattern is absent its block is 0, or the noise alone."""
    hard_strength: float = 1.0
    """Multiplies theta's hard block, >= 0; at 0 there is no hard pattern at all and every detection is a false alarm."""

    def __post_init__(self) -> None:
        for name in ("easy", "hard", "overlap"):
            require(getattr(self, name) >= 0, f"{name}={getattr(self, name)}: a block holds 0 points or more.")
        for name in ("d_easy", "d_hard"):
            require(getattr(self, name) >= 1, f"{name}={getattr(self, name)}: a pattern has at least 1 dimension.")
        require(self.variance > 0, f"variance={self.variance}: the noise has a variance above 0.")
        require(self.hard_strength >= 0, f"hard_strength={self.hard_strength}: a factor of 0 or more.")
        self.sizes()

    def sizes(self) -> Sizes:
        """Every role holds easy + hard + overlap points."""
        n = self.easy + self.hard + self.overlap
        return Sizes(weak_train=n, pool=n, validation=n, test=n)

    def load(self, data_seed: int) -> Splits:
        """Draw theta and the four roles from `data_seed`."""
        theta = generator(data_seed, "gaussian", "theta").uniform(size=self.d_easy + self.d_hard)
        theta[self.d_easy :] *= self.hard_strength
        return Splits(
            weak_train=self._draw(theta, data_seed, "weak_train"),
            pool=self._draw(theta, data_seed, "pool"),
            validation=self._draw(theta, data_seed, "validation"),
            test=self._draw(theta, data_seed, "test"),
            classes=("0", "1"),
            provenance=(("data", "gaussian generator"),),
        )

    def _draw(self, theta: FloatArray, data_seed: int, role: str) -> Split:
        draw = generator(data_seed, "gaussian", role)
        blocks = ((Region.EASY, self.easy), (Region.HARD, self.hard), (Region.OVERLAP, self.overlap))
        regions = draw.permutation(np.concatenate([np.full(size, int(region)) for region, size in blocks]))
        labels = draw.integers(2, size=len(regions))
        noise = draw.normal(scale=np.sqrt(self.variance), size=(len(regions), len(theta)))
        points = noise + (2 * labels - 1)[:, None] * theta
        without = noise if self.absent == "noise" else np.zeros_like(noise)
        easy_columns = np.arange(len(theta)) < self.d_easy
        missing = ((regions == Region.EASY)[:, None] & ~easy_columns) | ((regions == Region.HARD)[:, None] & easy_columns)
        return Split(
            ids=as_names([f"{role}-{i}" for i in range(len(points))]),
            inputs=Inputs(features=np.where(missing, without, points)),
            labels=Sealed(labels),
            planted=Sealed(regions),
        )
