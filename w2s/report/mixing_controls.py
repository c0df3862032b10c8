"""The mixing study's controls beside the overlap points, each with its interval over seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from w2s.report.compare import VERDICT, joint_contrasts
from w2s.report.families import Family, Group
from w2s.report.tables import Cell, Column, Table, as_interval, metric_column
from w2s.results.catalogue import CONTROLS, metric_of
from w2s.statistics.intervals import t_interval

if TYPE_CHECKING:
    import pandas as pd

GAIN = metric_of("mixing/gain")
OVERLAP = "1.0"
"""Name of the overlap points among the subsets of the mixing study."""


def controls_section(families: Sequence[Family]) -> Table:
    """One row for each setting and control: accuracy after training on it, and what overlap points gain over it."""
    rows = [
        [family.dataset, group.name, *cells]
        for family in families
        for group in family.groups(GAIN)
        for cells in _rows(family, group)
    ]
    named = [k for k in (0, 1) if len({row[k] for row in rows}) > 1]
    columns = [
        *(Column(("data set", "setting")[k], wide=True) for k in named),
        Column("trained on", help="Equally many points each time."),
        *(as_interval(metric_column(metric_of(f"mixing/{OVERLAP}{ending}"))) for ending in ("", "/balanced")),
        Column("overlap over it, points", "interval", 1, "Balanced overlap points minus the control, by seed.", signed=True),
        Column("verdict", help=VERDICT),
    ]
    return Table(
        id="controls",
        title="Overlap points beside every control",
        columns=columns,
        rows=[[*(row[k] for k in named), *row[2:]] for row in rows],
        caption="Test accuracy in %, plain and with equally many points of each weak class; 95 % t intervals over seeds.",
    )


def _rows(family: Family, group: Group) -> Iterator[list[Cell]]:
    """The overlap points, and each control with the difference to it; those that no run has are left out."""
    balanced = {name: by_seed(family, group, f"mixing/{name}/balanced") for name in (OVERLAP, *CONTROLS)}
    overlap = balanced[OVERLAP]
    differences = {
        ("overlap points", name): overlap - values for name, values in balanced.items() if name != OVERLAP and len(values)
    }
    found = {each.second: each for each in joint_contrasts(family, GAIN, "control", differences)}
    for name, values in balanced.items():
        plain = by_seed(family, group, f"mixing/{name}")
        if not len(plain) and not len(values):
            continue
        cells: list[Cell] = [metric_of(f"mixing/{name}").title, _interval(plain), _interval(values)]
        each = found.get(name)
        if each is None:
            yield [*cells, None, None]
        else:
            yield [*cells, (100 * each.difference, 100 * each.low, 100 * each.high), each.verdict]


def by_seed(family: Family, group: Group, name: str) -> pd.Series[float]:
    """A metric by seed, of the first of the group's settings that has it."""
    values = family.values(name)
    place = next((place for place in group.members if place in values), None)
    return group.values.iloc[:0] if place is None else values[place].dropna()


def _interval(values: pd.Series[float]) -> Cell:
    """Mean and interval over seeds, in %."""
    if not len(values):
        return None
    found = t_interval(values.to_numpy(dtype=np.float64))
    low, high = (None if end != end else 100 * end for end in (found.low, found.high))
    return 100 * found.value, low, high
