"""Dealing the rows of one file into roles: those that a column names, those that a size asks for, those without a label."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from w2s.dataset.roles.dealing import SHARES, counts_of, in_turn, shrink, stratified
from w2s.dataset.roles.partly_labelled import NO_LABEL, roles_of, without_labels
from w2s.errors import DataError, require
from w2s.seeding import generator
from w2s.types import IntArray, Split, StrArray

TRAIN = "train"
"""The value of a split column whose rows are dealt into the roles that the column does not name."""


def deal_rows(
    points: Split,
    codes: IntArray,
    named: StrArray | None,
    sizes: Mapping[str, int | float | None],
    data_seed: int,
    *,
    column: str | None = None,
    limit: int | None = None,
    balance: bool = False,
) -> tuple[dict[str, Split], tuple[str, ...], bool]:
    """The points of each role, notes, and whether it is fixed which are weak_train and which are the pool.

    Args:
        points: all n rows.
        codes: (n,) their classes; `NO_LABEL` of rows that go to the pool, which then has no labels.
        named: (n,) the role that a column names for each, or `TRAIN` for one to be dealt; None: all are.
        sizes: of the roles, as `counts_of` takes them.
        data_seed: of the order and the strata.
        column: that names the roles.
        limit: points of a role at most.
        balance: whether the roles that are dealt hold the classes equally often.

    Raises:
        DataError: a role is not known or gets no row, or a row of a role with labels has none.
    """
    n, complete = len(points), bool((codes != NO_LABEL).all())
    fixed = not complete or (named is not None and bool(np.isin(["weak_train", "pool"], named).any()))
    named = roles_of(codes, np.full(n, TRAIN) if named is None else named, TRAIN)
    given = {str(role) for role in np.unique(named)} - {TRAIN}
    require(
        given <= set(SHARES),
        f"column '{column}' names the role '{min(given - set(SHARES), default='')}'.\n"
        f"A role is one of {', '.join(SHARES)}, or {TRAIN} for a row to be dealt.",
        DataError,
    )
    dealt = tuple(role for role in SHARES if role not in given)
    order = generator(data_seed, "table", "order").permutation(n)
    parts: dict[str, Split] = {}
    notes: tuple[str, ...] = ()
    for value, roles in [*((role, (role,)) for role in SHARES if role in given), (TRAIN, dealt)]:
        rows = order[named[order] == value]
        if not len(rows) or not roles:
            continue
        if (codes[rows] != NO_LABEL).all():
            rows = rows[stratified(codes[rows], generator(data_seed, "table", "strata", value), balance=balance)]
        asked = counts_of({role: sizes[role] for role in roles}, n_file=n if complete else len(rows), n=len(rows))
        counts, said = shrink({role: min(size, limit or size) for role, size in asked.items()}, len(rows))
        notes += said
        parts |= in_turn(points.take(rows[: sum(counts.values())]), counts)
    absent = [role for role in SHARES if role not in parts]
    require(not absent, f"column '{column}' gives no row to {', '.join(absent)}, and none is '{TRAIN}'.", DataError)
    if not dealt and (named == TRAIN).any():
        notes += (f"{int((named == TRAIN).sum()):,} rows are '{TRAIN}', but every role has rows of its own: not used.",)
    if not complete:
        parts, told = without_labels(parts, codes)
        notes += told
    return parts, notes, fixed
