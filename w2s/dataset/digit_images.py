"""scikit-learn's handwritten digits as pictures: real, embedded, no download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.dataset.digits import read_digits
from w2s.dataset.roles.dealing import RoleSize, Sizes, deal
from w2s.identity import identity
from w2s.types import Column, Inputs, Sealed, Split, Splits
from w2s.utils.image_decoding import grey_picture
from w2s.utils.ranges import checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class DigitImages:
    """1,797 grey pictures of 8 x 8 pixels in ten classes, and the same pixels as features in [0, 1].

    Source: see `w2s.dataset.digits.Digits`.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"images", "features"})

    weak_train: RoleSize = 300
    pool: RoleSize = 800
    validation: RoleSize = 100
    test: RoleSize = 597
    limit: RoleSize | None = None
    """At most this many points in each role."""

    def load(self, data_seed: int) -> Splits:
        """All pictures in an order drawn by `data_seed`, dealt into the roles."""
        ids, pixels, digits = read_digits(data_seed)
        grey = np.rint(pixels * (255 / 16)).reshape(-1, 8, 8)
        images = tuple(grey_picture(str(name), each) for name, each in zip(ids, grey, strict=True))
        points = Split(
            ids=ids,
            inputs=Inputs(features=pixels / 16.0, images=images),
            labels=Sealed(digits.astype(np.int64)),
        )
        classes = tuple(map(str, range(10)))
        return deal(points, Sizes.of(self), classes=classes, provenance=(("data", "scikit-learn load_digits"),))
