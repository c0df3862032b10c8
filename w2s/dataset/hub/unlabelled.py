"""Rows of a hub data set without a label: the pool, beside labelled rows that become the other roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from w2s.dataset.columns.template import Template
from w2s.dataset.hub.rows import LabelFormatter, Rows
from w2s.dataset.roles.dealing import Sizes, assemble, in_turn, shrink
from w2s.dataset.roles.partly_labelled import FEWEST_LABELLED, FEWEST_UNLABELLED, NO_LABEL, without_labels
from w2s.errors import DataError, require
from w2s.types import Split, Splits


@dataclass(frozen=True)
class TextFormatter:
    """Every row has a text, whatever its label, and no class."""

    template: Template

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[str, int]:  # noqa: ARG002
        """The text, and a code that stands for none."""
        return self.template.render(row), 0


def unlabelled_pool(rows: Rows, formatter: LabelFormatter) -> Rows | None:
    """The rows without a label; None where they are gaps: fewer than `FEWEST_UNLABELLED`, or not more than the others."""
    column = rows.table.column(formatter.label).to_pylist()
    known = np.array([value in formatter.codes for value in column], dtype=np.bool_)
    rest = rows.order[~known[rows.order]]
    pool = len(rest) >= FEWEST_UNLABELLED and 2 * len(rest) > len(rows.order)
    return replace(rows, order=rest) if pool else None


def deal_partly(
    labelled: Split,
    pool: Split,
    sizes: Sizes,
    *,
    classes: tuple[str, ...],
    test: Split | None = None,
    provenance: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Splits:
    """Deal shuffled `labelled` points into validation, weak_train, and test unless given apart; `pool` is the pool.

    Raises:
        DataError: there are fewer than `FEWEST_LABELLED` labelled points, or a role gets fewer than `FEWEST`.
    """
    n = len(labelled) + (0 if test is None else len(test))
    require(
        n >= FEWEST_LABELLED,
        f"{n:,} rows have a label: at least {FEWEST_LABELLED} are needed.\n"
        "Label more rows; those without a label become the pool.",
        DataError,
    )
    wanted = {"validation": sizes.validation, "weak_train": sizes.weak_train}
    if test is None:
        wanted["test"] = sizes.test
    given, said = shrink(wanted, len(labelled))
    parts = in_turn(labelled, given)
    if test is not None:
        parts["test"] = test.take(slice(0, sizes.test))
    parts["pool"] = pool.take(slice(0, sizes.pool))
    codes = np.repeat([0, NO_LABEL], [n, len(pool)])
    parts, told = without_labels(parts, codes)
    return assemble(parts, classes=classes, provenance=provenance, notes=(*notes, *said, *told), fixed_halves=True)
