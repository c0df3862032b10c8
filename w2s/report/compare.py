"""What gained what over which control, and which settings differ: mean differences over seeds, tested jointly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.report.families import Family, Group, factor_text
from w2s.results.catalogue import METRICS
from w2s.results.metric import Metric, Prominence
from w2s.seeding import generator
from w2s.statistics.joint_test import compare, least_p
from w2s.statistics.power import ALPHA, seeds_needed

if TYPE_CHECKING:
    import pandas as pd

MOST_SETTINGS = 30
"""Up to this many settings, or values of a factor, every pair is compared; beyond, each with the first."""

VERDICT = "By the joint test over seeds at .05: better, worse, not told apart, or that so few seeds cannot tell anything."
Kind = Literal["control", "factor", "setting"]


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A mean difference over seeds, tested together with those of the same kind, family and metric."""

    kind: Kind
    """A setting against its control, one value of a factor against another, or a setting against another."""
    study: str
    dataset: str
    metric: str
    factor: str = ""
    first: str
    second: str
    """What the first is held against."""
    difference: float
    low: float
    """Lower end of the difference's own 95 % t interval over seeds; NaN of one seed."""
    high: float
    p: float
    """Adjusted for all differences that are tested together (max-T over sign flips), two-sided."""
    seeds: int
    tests: int
    """Differences that are tested together."""
    needed: int | None
    """Seeds with which a difference such as this would be told with probability .8; None: too many to count."""
    members: tuple[str, ...] = ()
    """Signatures of the settings that the first stands for."""
    lower_is_better: bool = False

    @property
    def verdict(self) -> str:
        """better, worse, not told apart, or why no test can tell."""
        if self.seeds < 2:
            return "1 seed tells nothing"
        if least_p(self.seeds) > ALPHA:
            return f"{self.seeds} seeds cannot reach .05"
        if self.p > ALPHA:
            return "not told apart"
        return "better" if (self.difference > 0) != self.lower_is_better else "worse"

    def turned(self) -> Contrast:
        """The same, seen from the other side."""
        first, second = self.second, self.first
        return replace(self, first=first, second=second, difference=-self.difference, low=-self.high, high=-self.low)

    def favourable(self) -> Contrast:
        """The same, with the one that is ahead first."""
        return self if (self.difference >= 0) != self.lower_is_better else self.turned()


def contrasts(family: Family, baseline: str | None = None) -> list[Contrast]:
    """All comparisons in a family that can differ and are measured by one yardstick.

    Args:
        family: settings of one study and data set.
        baseline: name of the setting that the others are compared with; None compares every pair.
    """
    found: list[Contrast] = []
    known: set[tuple[object, ...]] = set()
    for metric in METRICS:
        if metric.shown < Prominence.COMPARED:
            continue
        groups = family.groups(metric)
        new = [
            *_control(family, metric, groups),
            *_factors(family, metric, groups, baseline),
            *_pairs(family, metric, groups, baseline),
        ]
        for each in new:  # where all have one weak model the students differ as their gains do: said once
            content = (each.first, each.second, round(each.difference, 12))
            if content not in known:
                known.add(content)
                found.append(each)
    return found


def against(family: Family, metric: Metric, baseline: str) -> list[Contrast]:
    """The differences in one metric to the setting of that name, tested jointly."""
    return list(_pairs(family, metric, family.groups(metric), baseline))


def table_of(found: Sequence[Contrast]) -> pd.DataFrame:
    """One row a contrast, its fields and its verdict."""
    import pandas as pd

    return pd.DataFrame([{**asdict(each), "verdict": each.verdict} for each in found])


def _control(family: Family, metric: Metric, groups: Sequence[Group]) -> Iterator[Contrast]:
    """Every group against the control that the metric is a difference from."""
    if metric.over:
        columns = {(group.name, metric.over): group.values for group in groups}
        members = {group.name: group.members for group in groups}
        for each in joint_contrasts(family, metric, "control", columns):
            signatures = tuple(family.settings[place].signature for place in members[each.first])
            yield replace(each, members=signatures)


def _factors(family: Family, metric: Metric, groups: Sequence[Group], baseline: str | None) -> Iterator[Contrast]:
    """Every value of a factor against another, averaged over all settings that differ in nothing else."""
    home = {place: group for group in groups for place in group.members}
    base = next((place for place, setting in enumerate(family.settings) if setting.name == baseline), None)
    for factor, values in family.factors.items():
        levels = list(dict.fromkeys(values[place] for place in sorted(home)))
        others = [each for name, each in family.factors.items() if name != factor]
        cells: dict[tuple[str, ...], dict[str, int]] = {}
        for place in home:
            cells.setdefault(tuple(each[place] for each in others), {})[values[place]] = place
        columns = {}
        for first, second in _some_pairs(levels, None if base is None else values[base]):
            parts = [
                home[cell[first]].values - home[cell[second]].values
                for cell in cells.values()
                if first in cell and second in cell and home[cell[first]] is not home[cell[second]]
                if family.comparable(cell[first], cell[second], metric)
            ]
            if parts:
                columns[factor_text(factor, first), factor_text(factor, second)] = sum(parts[1:], parts[0]) / len(parts)
        yield from joint_contrasts(family, metric, "factor", columns, factor)


def _pairs(family: Family, metric: Metric, groups: Sequence[Group], baseline: str | None) -> Iterator[Contrast]:
    """Every group against another; of settings that differ in one factor alone, the factor says it all."""
    if len(family.factors) < 2 and baseline is None:
        return
    names = [group.name for group in groups]
    base = (group.name for group in groups for place in group.members if family.settings[place].name == baseline)
    by_name = dict(zip(names, groups, strict=True))
    columns = {
        (first, second): by_name[first].values - by_name[second].values
        for first, second in _some_pairs(names, next(base, None))
        if family.comparable(by_name[first].members[0], by_name[second].members[0], metric)
    }
    yield from joint_contrasts(family, metric, "setting", columns)


def _some_pairs(names: Sequence[str], baseline: str | None) -> list[tuple[str, str]]:
    """Every pair; of too many names, or with a baseline, each with the one."""
    if baseline is None and len(names) <= MOST_SETTINGS:
        return list(combinations(names, 2))
    with_whom = names[0] if baseline is None else baseline
    return [(name, with_whom) for name in names if name != with_whom]


Columns = Mapping[tuple[str, str], "pd.Series[float]"]
"""(first, second) -> their difference by seed."""


def joint_contrasts(family: Family, metric: Metric, kind: Kind, columns: Columns, factor: str = "") -> Iterator[Contrast]:
    """The contrasts of differences by seed, tested jointly on the seeds that all of them have."""
    import pandas as pd

    if not columns:
        return
    wide = pd.DataFrame(dict(enumerate(columns.values())))
    several = wide.notna().sum() > 1
    wide = (wide.loc[:, several] if several.any() else wide).dropna()
    if wide.empty:
        return
    values = wide.to_numpy(dtype=np.float64)
    result = compare(values, generator(0, "report", "compare", metric.pattern))
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.full(values.shape[1], math.nan)
    names = list(columns)
    for k, column in enumerate(np.asarray(wide.columns).tolist()):
        mean, half = float(result.mean[k]), float(result.half_width[k])
        yield Contrast(
            kind=kind,
            study=family.study,
            dataset=family.dataset,
            metric=metric.pattern,
            factor=factor,
            first=names[column][0],
            second=names[column][1],
            difference=mean,
            low=mean - half,
            high=mean + half,
            p=float(result.p[k]),
            seeds=len(values),
            tests=values.shape[1],
            needed=seeds_needed(mean, float(spread[k]), values.shape[1]) if len(values) > 1 else None,
            lower_is_better=metric.lower_is_better,
        )
