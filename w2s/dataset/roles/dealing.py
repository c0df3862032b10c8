"""Dealing points into the four roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Annotated, Any, Self

import numpy as np
from annotated_types import Ge

from w2s.errors import DataError
from w2s.types import ColumnRoles, IntArray, Split, Splits
from w2s.utils.ranges import checked

FEWEST = 4
"""Fewest points of a role that a run makes sense with."""
RoleSize = Annotated[int, Ge(FEWEST)]


@dataclass(frozen=True, kw_only=True)
@checked
class Sizes:
    """How many points each role asks for."""

    weak_train: RoleSize
    pool: RoleSize
    validation: RoleSize
    test: RoleSize

    @classmethod
    def of(cls, dataset: Any) -> Self:
        """The sizes that a data set is set to, each cut to its `limit` where it has one."""
        asked = {role.name: getattr(dataset, role.name) for role in fields(cls)}
        return cls(**{role: size if dataset.limit is None else min(size, dataset.limit) for role, size in asked.items()})

    def training(self) -> int:
        """Points asked for outside the test role."""
        return self.weak_train + self.pool + self.validation


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
        DataError: a role would get fewer than `FEWEST` points, or weak_train holds one class only.
    """
    wanted = {"validation": sizes.validation, "weak_train": sizes.weak_train, "pool": sizes.pool}
    if test is None:
        wanted["test"] = sizes.test
    given, said = shrink(wanted, len(points))
    parts = in_turn(points, given)
    if test is not None:
        given_test, said_test = shrink({"test": sizes.test}, len(test))
        parts["test"] = test.take(slice(0, given_test["test"]))
        said += said_test
    return assemble(parts, classes=classes, provenance=provenance, notes=notes + said)


def in_turn(points: Split, counts: Mapping[str, int]) -> dict[str, Split]:
    """The first points for the first role, the next for the next, as many as `counts` says."""
    stops = accumulate(counts.values())
    return {role: points.take(slice(stop - size, stop)) for (role, size), stop in zip(counts.items(), stops, strict=True)}


def assemble(
    parts: Mapping[str, Split],
    *,
    classes: tuple[str, ...],
    provenance: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
    fixed_halves: bool = False,
    columns: ColumnRoles | None = None,
) -> Splits:
    """The splits of roles that are already dealt.

    Raises:
        DataError: a role holds fewer than `FEWEST` points, or weak_train holds one class only.
    """
    for role, part in parts.items():
        if len(part) < FEWEST:
            raise DataError(f"{role} would hold {len(part)} points: a role needs at least {FEWEST}. Add data.")
    _need_two_classes(parts["weak_train"], classes)
    return Splits(
        **parts,
        classes=classes,
        provenance=provenance,
        notes=notes + _unseen(parts, classes),
        fixed_halves=fixed_halves,
        columns=columns,
    )


def stratified(labels: IntArray, draw: np.random.Generator, *, balance: bool) -> IntArray:
    """Positions of (n,) `labels` in an order of which every stretch holds each class in its overall share.

    Within a class the given order stays; the i-th of a class's n_k points goes to the random place (i + u) / n_k.

    Args:
        labels: (n,) class codes.
        draw: draws the places.
        balance: keep only the first points of each class, as many as the rarest class has.
    """
    counts = np.bincount(labels)
    present = np.flatnonzero(counts)
    members = [np.flatnonzero(labels == k) for k in present]
    if balance:
        members = [positions[: counts[present].min()] for positions in members]
    places = [(np.arange(len(positions)) + draw.random(len(positions))) / len(positions) for positions in members]
    return np.concatenate(members)[np.argsort(np.concatenate(places), kind="stable")]


SHARES = {"validation": 0.05, "weak_train": 0.35, "pool": 0.35, "test": 0.25}
"""Each role's part of the points that no size was given for, in the order of dealing."""


def counts_of(asked: Mapping[str, int | float | None], *, n_file: int, n: int) -> dict[str, int]:
    """Points that each role asks for: its count, its share of `n_file`, or for None its part of the rest of `n`.

    Where the counts leave less than half of their own parts to the others, these ask for their parts all the same. Nobody's
    part is below `FEWEST`.
    """
    fixed = {
        role: floor(size * n_file) if isinstance(size, float) else size for role, size in asked.items() if size is not None
    }
    parts = sum(SHARES[role] for role in asked if role not in fixed)
    rest = n - sum(fixed.values())
    if rest < n * parts / 2:
        rest = floor(n * parts)
    for role in sorted(asked.keys() - fixed.keys(), key=list(SHARES).index):
        fixed[role] = max(FEWEST, floor(rest * SHARES[role] / parts))
        rest, parts = rest - fixed[role], parts - SHARES[role]
    return {role: fixed[role] for role in asked}


def shrink(wanted: dict[str, int], n: int) -> tuple[dict[str, int], tuple[str, ...]]:
    """`wanted` points of each role where `n` are enough, else fewer, and a note that says so.

    All roles shrink in proportion; where that leaves one with fewer than `FEWEST`, the largest shrink to one size.

    Raises:
        DataError: a role would get fewer than `FEWEST` points.
    """
    total = sum(wanted.values())
    if total <= n:
        return wanted, ()
    given = {role: size * n // total for role, size in wanted.items()}
    if min(given.values()) < FEWEST:
        left = n
        for k, role in enumerate(sorted(wanted, key=wanted.__getitem__)):
            given[role] = min(wanted[role], left // (len(wanted) - k))
            left -= given[role]
    if min(given.values()) < FEWEST:
        raise DataError(f"{n} usable points for {', '.join(wanted)}: each role needs at least {FEWEST}. Add data.")
    text = ", ".join(f"{role} {size:,}" for role, size in given.items())
    return given, (f"{total:,} points were asked for and {n:,} are there: the run is smaller ({text}).",)


def floor(value: float) -> int:
    """The whole number below, to within the rounding of a share."""
    return int(value + 1e-9)


def _need_two_classes(weak_train: Split, classes: tuple[str, ...]) -> None:
    present = np.unique(weak_train.truth("check that there is more than one class to learn"))
    if len(present) < 2:
        raise DataError(
            f"Every point of weak_train has the label '{classes[int(present[0])]}': there is nothing to learn.\n"
            "A data set needs points of at least two classes."
        )


def _unseen(parts: Mapping[str, Split], classes: tuple[str, ...]) -> tuple[str, ...]:
    """A note on the classes that stand neither in weak_train nor in the pool."""
    known = [parts[role] for role in ("weak_train", "pool") if parts[role].labels is not None]
    seen = [part.truth("name the classes without a training point") for part in known]
    unseen = [classes[k] for k in np.flatnonzero(np.bincount(np.concatenate(seen), minlength=len(classes)) == 0)]
    return (f"No training point has the label {', '.join(unseen)}: no model can predict it.",) if unseen else ()
