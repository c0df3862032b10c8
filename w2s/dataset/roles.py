"""Dealing points into the four roles."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from w2s.errors import DataError, require
from w2s.types import IntArray, Split, Splits

FEWEST = 4
"""Fewest points of a role that a run makes sense with."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many points each role asks for."""

    weak_train: int
    pool: int
    validation: int
    test: int

    def __post_init__(self) -> None:
        for role in fields(self):
            size = getattr(self, role.name)
            require(size >= FEWEST, f"{role.name}={size}: a role takes at least {FEWEST} points.")

    def at_most(self, limit: int | None) -> Self:
        """The same sizes, each cut to `limit`."""
        if limit is None:
            return self
        require(limit >= FEWEST, f"limit={limit}: a role takes at least {FEWEST} points.")
        return type(self)(**{role.name: min(getattr(self, role.name), limit) for role in fields(self)})


def deal(
    points: Split,
    sizes: Sizes,
    *,
    classes: tuple[str, ...],
    test: Split | None = None,
    provenance: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Splits:
    """Deal shuffled `points` into roles, first to last: validation, weak_train, pool, and test unless given apart.

    With fewer points than asked for every role shrinks in proportion, and a note says so.

    Raises:
        DataError: a role would get fewer than `FEWEST` points.
    """
    wanted = {"validation": sizes.validation, "weak_train": sizes.weak_train, "pool": sizes.pool}
    if test is None:
        wanted["test"] = sizes.test
    given, said = _shrink(wanted, len(points))
    parts, start = {}, 0
    for role, size in given.items():
        parts[role] = points.take(slice(start, start + size))
        start += size
    if test is not None:
        given_test, said_test = _shrink({"test": sizes.test}, len(test))
        parts["test"] = test.take(slice(0, given_test["test"]))
        said += said_test
    _need_two_classes(parts["weak_train"], classes)
    return Splits(
        weak_train=parts["weak_train"],
        pool=parts["pool"],
        validation=parts["validation"],
        test=parts["test"],
        classes=classes,
        provenance=provenance,
        notes=notes + said,
    )


def balanced(labels: IntArray) -> IntArray:
    """Positions of an equal number of points of every class of (n,) `labels`, the first of each, in ascending order."""
    counts = np.bincount(labels)
    keep = counts[counts > 0].min()
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:keep] for k in np.flatnonzero(counts)]))


def _shrink(wanted: dict[str, int], n: int) -> tuple[dict[str, int], tuple[str, ...]]:
    total = sum(wanted.values())
    if total <= n:
        return wanted, ()
    given = {role: size * n // total for role, size in wanted.items()}
    if min(given.values()) < FEWEST:
        raise DataError(
            f"{n} usable points for the roles {', '.join(wanted)}: each needs at least {FEWEST}.\n"
            "Add data, or ask for roles of about equal size."
        )
    text = ", ".join(f"{role} {size}" for role, size in given.items())
    return given, (f"{total} points were asked for and {n} are there: the run is smaller ({text}).",)


def _need_two_classes(weak_train: Split, classes: tuple[str, ...]) -> None:
    present = np.unique(weak_train.labels.open("check that there is more than one class to learn"))
    if len(present) < 2:
        raise DataError(
            f"Every point of weak_train has the label '{classes[int(present[0])]}': there is nothing to learn.\n"
            "A data set needs points of at least two classes."
        )
