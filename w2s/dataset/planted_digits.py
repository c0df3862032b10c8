"""A hard pattern planted beside real features: handwritten digits and a Gaussian block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from w2s.dataset.roles.dealing import Sizes, deal
from w2s.errors import require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, FloatArray, Inputs, IntArray, Region, Sealed, Split, Splits, as_names
from w2s.utils.ranges import Positive, Share, Width, checked

PIXELS = 64
VALIDATION, WEAK_TRAIN, POOL, TEST = 100, 600, 600, 497


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class PlantedDigits:
    """64 pixels of scikit-learn's digits (the easy pattern, real) beside `d_hard` coordinates (the hard one, planted).

    The task is whether the digit is at least 5. The planted block is (2 y - 1) theta + N(0, variance I), theta ~ U[0, 1].
    Which points hold which pattern is drawn at random with exact shares of all points.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"features", "planted"})

    hard: Share = 0.4
    """Share of hard-only points."""
    overlap: Share = 0.2
    """Share of overlap points; the rest is easy-only."""
    d_hard: Width = 20
    variance: Positive = 5.0
    """Of the planted block's noise."""
    absent: Literal["zeros", "noise"] = "zeros"
    """An absent image is black, or that of any other point; an absent planted block is 0, or the noise alone."""

    def __post_init__(self) -> None:
        require(self.hard + self.overlap <= 1, f"hard={self.hard} and overlap={self.overlap}: together at most 1.")

    def load(self, data_seed: int) -> Splits:
        """All 1,797 images in an order drawn by `data_seed`, patterns assigned, dealt into 600, 600, 100 and 497."""
        from sklearn.datasets import load_digits

        pixels, digits = load_digits(return_X_y=True)
        draw = generator(data_seed, "planted digits")
        order = draw.permutation(len(pixels))
        images, labels = pixels[order] / 16.0, (digits[order] >= 5).astype(np.int64)
        regions = self._regions(len(labels), draw)
        points = Split(
            ids=as_names([f"digit-{i}" for i in order]),
            inputs=Inputs(features=self._features(images, labels, regions, draw)),
            labels=Sealed(labels),
            planted=Sealed(regions),
        )
        sizes = Sizes(weak_train=WEAK_TRAIN, pool=POOL, validation=VALIDATION, test=TEST)
        provenance = (("data", "scikit-learn load_digits beside a planted Gaussian block"),)
        return deal(points, sizes, classes=("below 5", "5 or more"), provenance=provenance)

    def _regions(self, n: int, draw: np.random.Generator) -> IntArray:
        counts = {Region.HARD: round(self.hard * n), Region.OVERLAP: round(self.overlap * n)}
        regions = np.full(n, int(Region.EASY))
        regions[: counts[Region.HARD]] = Region.HARD
        regions[counts[Region.HARD] : counts[Region.HARD] + counts[Region.OVERLAP]] = Region.OVERLAP
        return draw.permutation(regions)

    def _features(self, images: FloatArray, labels: IntArray, regions: IntArray, draw: np.random.Generator) -> FloatArray:
        """(n, 64 + d_hard) image and planted block of each point."""
        n = len(labels)
        theta = draw.uniform(size=self.d_hard)
        noise = draw.normal(scale=np.sqrt(self.variance), size=(n, self.d_hard))
        planted = (2 * labels - 1)[:, None] * theta + noise
        noisy = self.absent == "noise"
        other_images = images[draw.permutation(n)] if noisy else np.zeros_like(images)
        image = np.where((regions == Region.HARD)[:, None], other_images, images)
        block = np.where((regions == Region.EASY)[:, None], noise if noisy else 0.0, planted)
        return np.concatenate([image, block], axis=1)
