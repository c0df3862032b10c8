"""scikit-learn's handwritten digits: real, embedded, no download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Ge, Le

from w2s.dataset.roles.dealing import RoleSize, Sizes, deal
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, FloatArray, Inputs, IntArray, Sealed, Split, Splits, StrArray, as_names
from w2s.utils.ranges import checked


def read_digits(order_seed: int) -> tuple[StrArray, FloatArray, IntArray]:
    """Ids (n,), pixels (n, 64) in {0 ... 16} and digits (n,) of all 1,797 images, in an order drawn by the seed."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    order = generator(order_seed, "digits", "order").permutation(len(pixels))
    return as_names([f"digit-{i}" for i in order]), pixels[order], digits[order]


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Digits:
    """1,797 images of 8 x 8 pixels, each brought to [0, 1]; the task is whether the digit is at least `threshold`.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998, as shipped by scikit-learn.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"features"})

    weak_train: RoleSize = 600
    pool: RoleSize = 600
    validation: RoleSize = 100
    test: RoleSize = 497
    limit: RoleSize | None = None
    """At most this many points in each role."""
    threshold: Annotated[int, Ge(1), Le(9)] = 5
    """Label 1 from this digit on."""

    def load(self, data_seed: int) -> Splits:
        """All images in an order drawn by `data_seed`, dealt into the roles."""
        ids, pixels, digits = read_digits(data_seed)
        images = Split(
            ids=ids,
            inputs=Inputs(features=pixels / 16.0),
            labels=Sealed((digits >= self.threshold).astype(np.int64)),
        )
        classes = (f"below {self.threshold}", f"{self.threshold} or more")
        return deal(images, Sizes.of(self), classes=classes, provenance=(("data", "scikit-learn load_digits"),))
