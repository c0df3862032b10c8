"""Weak labels whose errors are planted: at a rate, of a kind, whatever the points look like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from w2s.errors import DataError, require
from w2s.identity import identity
from w2s.protocols import Dataset
from w2s.seeding import generator
from w2s.types import Column, Region, Sealed, Split, Splits
from w2s.utils.ranges import Share, checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class PlantedNoise:
    """Another data set with C more features in front: the label that a weak model will give, right but for planted errors.

    A weak model of the first C columns alone (`Columns(stop=C)`) gives these labels, its confidence drawn for each point and
    telling nothing; a strong one of the others (`Columns(start=C)`) never sees them. An error is one of the other classes.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"features", "planted"})

    dataset: Dataset
    """Of feature rows."""
    rate: Share = 0.2
    """Chance of an error where there are some."""
    where: Literal["anywhere", "last_class", "hard"] = "anywhere"
    """In all points, in those of the last class, or in those planted as hard."""

    def load(self, data_seed: int) -> Splits:
        """The data set's splits, errors drawn by `data_seed`.

        Raises:
            DataError: it has no features, or for `hard` no planted regions.
        """
        splits = self.dataset.load(data_seed)
        n_classes = len(splits.classes)
        roles = ("weak_train", "pool", "validation", "test")
        changed: dict[str, Any] = {
            role: self._with_opinions(getattr(splits, role), n_classes, data_seed, role) for role in roles
        }
        return replace(splits, **changed)

    def _with_opinions(self, split: Split, n_classes: int, data_seed: int, role: str) -> Split:
        features = split.inputs.features
        require(features is not None, "dataset.dataset holds no features, beside which errors are planted.", DataError)
        require(self.where != "hard" or split.planted is not None, "dataset.where=hard: no regions are planted.", DataError)
        assert features is not None, "refused above"
        draw, n = generator(data_seed, "planted noise", role), len(split)
        labels = split.truth("planting errors of the weak labels")
        errs = draw.uniform(size=n) < self.rate
        if self.where == "last_class":
            errs &= labels == n_classes - 1
        if self.where == "hard" and split.planted is not None:
            errs &= split.planted.open("planting errors on hard points") == Region.HARD
        weak = np.where(errs, (labels + draw.integers(1, n_classes, size=n)) % n_classes, labels)
        opinions = np.eye(n_classes)[weak] * draw.uniform(0.5, 2, size=(n, 1))
        planted = split.planted if split.planted is not None else Sealed(np.full(n, int(Region.UNKNOWN)))
        return replace(
            split, inputs=split.inputs.with_features(np.concatenate([opinions, features], axis=1)), planted=planted
        )
