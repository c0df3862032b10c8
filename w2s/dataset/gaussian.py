"""Planted truth: the paper's generator of easy-only, hard-only and overlap points (section 5, figure 1 right)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Lt

from w2s.dataset.roles.dealing import FEWEST, Sizes
from w2s.errors import require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, FloatArray, Inputs, IntArray, Region, Sealed, Split, Splits, as_names
from w2s.utils.ranges import CountOrZero, NotNegative, Positive, Width, checked, require_room


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Gaussian:
    """x = (2 y - 1) theta + N(0, variance I), theta ~ U[0, 1]^d; the first `d_easy` coordinates hold the easy pattern.

    Beyond two classes x = theta_y + N(0, variance I) with a theta_y ~ U[-1, 1]^d for each class. An easy-only point has no
    hard block and a hard-only point no easy block: `absent` says what stands there instead.
    Each role is its own draw with the exact block sizes, in random order.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"features", "planted"})

    easy: CountOrZero = 100
    """Easy-only points of each role."""
    hard: CountOrZero = 100
    """Hard-only points of each role."""
    overlap: CountOrZero = 50
    """Overlap points of each role."""
    d_easy: Width = 20
    d_hard: Width = 20
    variance: Positive = 5.0
    """Of the noise in every coordinate."""
    absent: Literal["zeros", "noise"] = "zeros"
    """Where a pattern is absent its block is 0, or the noise alone."""
    hard_strength: NotNegative = 1.0
    """Multiplies theta's hard block; at 0 there is no hard pattern at all and every detection is a false alarm."""
    hard_pattern: Literal["linear", "product"] = "linear"
    """`product`: the first half of the hard block is multiplied by a fair sign, the second by that sign times (2 y - 1), so
    that no coordinate alone says anything about the class; two classes only."""
    classes: Annotated[Width, Ge(2)] = 2
    """C, equally likely."""
    label_noise: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of the labels, in every role, that are replaced by one of the other classes."""

    def __post_init__(self) -> None:
        if self.hard_pattern == "product":
            require(self.classes == 2, f"classes={self.classes}: the product pattern tells exactly 2 classes apart.")
            require(self.d_hard % 2 == 0, f"d_hard={self.d_hard}: the product pattern has two halves of equal size.")
        n = self.easy + self.hard + self.overlap
        require(n >= FEWEST, f"dataset: easy, hard and overlap are {n} points together: a role takes at least {FEWEST}.")
        d = self.d_easy + self.d_hard
        require_room(n * max(d, self.classes), f"dataset: {n:,} points of {d:,} features in each role")

    def sizes(self) -> Sizes:
        """Every role holds easy + hard + overlap points."""
        n = self.easy + self.hard + self.overlap
        return Sizes(weak_train=n, pool=n, validation=n, test=n)

    def load(self, data_seed: int) -> Splits:
        """Draw theta and the four roles from `data_seed`."""
        means = self._means(generator(data_seed, "gaussian", "theta"))
        return Splits(
            weak_train=self._draw(means, data_seed, "weak_train"),
            pool=self._draw(means, data_seed, "pool"),
            validation=self._draw(means, data_seed, "validation"),
            test=self._draw(means, data_seed, "test"),
            classes=tuple(map(str, range(self.classes))),
            provenance=(("data", "gaussian generator"),),
        )

    def _means(self, draw: np.random.Generator) -> FloatArray:
        """(C, d) mean of each class where both patterns are present."""
        d = self.d_easy + self.d_hard
        if self.classes == 2:
            theta = draw.uniform(size=d)
            means = np.stack([-theta, theta])
        else:
            means = draw.uniform(-1, 1, size=(self.classes, d))
        means[:, self.d_easy :] *= self.hard_strength
        return means

    def _draw(self, means: FloatArray, data_seed: int, role: str) -> Split:
        draw = generator(data_seed, "gaussian", role)
        blocks = ((Region.EASY, self.easy), (Region.HARD, self.hard), (Region.OVERLAP, self.overlap))
        regions = draw.permutation(np.concatenate([np.full(size, int(region)) for region, size in blocks]))
        labels = draw.integers(self.classes, size=len(regions))
        noise = draw.normal(scale=np.sqrt(self.variance), size=(len(regions), means.shape[1]))
        pattern = means[labels]
        if self.hard_pattern == "product":
            signs = 2 * draw.integers(2, size=(len(regions), 1)) - 1
            middle = self.d_easy + self.d_hard // 2
            pattern[:, self.d_easy : middle] = signs * means[1, self.d_easy : middle]
            pattern[:, middle:] *= signs
        without = noise if self.absent == "noise" else np.zeros_like(noise)
        easy_columns = np.arange(means.shape[1]) < self.d_easy
        missing = ((regions == Region.EASY)[:, None] & ~easy_columns) | ((regions == Region.HARD)[:, None] & easy_columns)
        return Split(
            ids=as_names([f"{role}-{i}" for i in range(len(labels))]),
            inputs=Inputs(features=np.where(missing, without, pattern + noise)),
            labels=Sealed(self._with_noise(labels, draw)),
            planted=Sealed(regions),
        )

    def _with_noise(self, labels: IntArray, draw: np.random.Generator) -> IntArray:
        if self.label_noise == 0:
            return labels
        wrong = draw.uniform(size=len(labels)) < self.label_noise
        return np.where(wrong, (labels + draw.integers(1, self.classes, size=len(labels))) % self.classes, labels)
