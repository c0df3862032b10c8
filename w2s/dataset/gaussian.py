"""Planted truth: the paper's generator of easy-only, hard-only and overlap points (section 5, figure 1 right)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Lt

from w2s.dataset.roles.dealing import FEWEST, RoleSize, Sizes
from w2s.errors import require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, FloatArray, Inputs, IntArray, Region, Sealed, Split, Splits
from w2s.utils.numerics import blocks
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
    others: RoleSize | None = None
    """Points of each role but the pool, in the same shares; None: as many as the pool."""
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
        most = max(n, self.others or 0)
        require_room(most * max(d, self.classes), f"dataset: {most:,} points of {d:,} features in a role")

    def sizes(self) -> Sizes:
        """The pool holds easy + hard + overlap points, every other role `others`, or as many."""
        n = self.easy + self.hard + self.overlap
        others = n if self.others is None else self.others
        return Sizes(weak_train=others, pool=n, validation=others, test=others)

    def _counts(self, role: str) -> list[int]:
        """Easy, hard and overlap points of a role."""
        stops = np.cumsum([self.easy, self.hard, self.overlap])
        share = getattr(self.sizes(), role) / stops[-1]
        return [int(size) for size in np.diff(np.rint(stops * share).astype(int), prepend=0)]

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
        counts = zip((Region.EASY, Region.HARD, Region.OVERLAP), self._counts(role), strict=True)
        regions = draw.permutation(np.concatenate([np.full(size, int(region)) for region, size in counts]))
        n, d = len(regions), means.shape[1]
        labels = draw.integers(self.classes, size=n)
        x = draw.normal(scale=np.sqrt(self.variance), size=(n, d))
        product = self.hard_pattern == "product"
        signs = 2 * draw.integers(2, size=(n, 1)) - 1 if product else None
        easy_columns = np.arange(d) < self.d_easy
        for rows in blocks(n):
            pattern = means[labels[rows]]
            if signs is not None:
                middle = self.d_easy + self.d_hard // 2
                pattern[:, self.d_easy : middle] = signs[rows] * means[1, self.d_easy : middle]
                pattern[:, middle:] *= signs[rows]
            lacks = [(regions[rows] == region)[:, None] for region in (Region.EASY, Region.HARD)]
            missing = (lacks[0] & ~easy_columns) | (lacks[1] & easy_columns)
            x[rows] = np.where(missing, x[rows] if self.absent == "noise" else 0.0, pattern + x[rows])
        return Split(
            ids=np.strings.add(f"{role}-", np.arange(n).astype(f"U{len(str(n - 1))}")),
            inputs=Inputs(features=x),
            labels=Sealed(self._with_noise(labels, draw)),
            planted=Sealed(regions),
        )

    def _with_noise(self, labels: IntArray, draw: np.random.Generator) -> IntArray:
        if self.label_noise == 0:
            return labels
        wrong = draw.uniform(size=len(labels)) < self.label_noise
        return np.where(wrong, (labels + draw.integers(1, self.classes, size=len(labels))) % self.classes, labels)
