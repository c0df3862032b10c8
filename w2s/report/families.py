"""Settings that can be compared: those of one study and data set, and which of them are one and the same to a metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from w2s.report.naming import Setting, factors
from w2s.results.metric import Metric
from w2s.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

POLICY = ("policy", "study.policy", "study.selection.policy")
"""Beginnings of the settings that say who buys: all others say what is bought from."""
MOST_JOINED = 2
"""Values of a factor that one name joins, where there are more."""
ARTIFICIAL = "artificial"
"""How the fact about a pool's sources begins where a study made them up."""


@dataclass(frozen=True)
class Group:
    """Settings that are one and the same to a metric."""

    members: tuple[int, ...]
    """Positions in the family's settings."""
    name: str
    """The values of the factors that its members share and other groups do not."""
    values: pd.Series[float]
    """The metric by seed."""


@dataclass(frozen=True)
class Family:
    """The settings of one study and data set, with their finished runs."""

    settings: Sequence[Setting]
    runs: pd.DataFrame
    _values: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _groups: dict[str, list[Group]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def study(self) -> str:
        """The study that all share."""
        return self.settings[0].study

    @property
    def dataset(self) -> str:
        """The data set that all share."""
        return self.settings[0].dataset

    @cached_property
    def factors(self) -> dict[str, list[str]]:
        """What differs: factor -> its value in each setting."""
        return factors(self.settings)

    def values(self, name: str) -> pd.DataFrame:
        """A metric by seed (rows) and position of the setting (columns); settings without a value are left out."""
        if name not in self._values:
            known = self.runs.reindex(columns=["seed", "signature", name]).dropna(subset=[name])
            places = known["signature"].map({setting.signature: k for k, setting in enumerate(self.settings)})
            self._values[name] = known.assign(place=places).pivot(index="seed", columns="place", values=name)
        return self._values[name]

    def groups(self, metric: Metric) -> list[Group]:
        """The settings in groups: those that differ only in what the metric cannot depend on, or that never differ in it."""
        if metric.pattern not in self._groups:
            self._groups[metric.pattern] = self._grouped(metric)
        return self._groups[metric.pattern]

    def _grouped(self, metric: Metric) -> list[Group]:
        import pandas as pd

        values = self.values(metric.pattern)
        by_place = dict(zip(np.asarray(values.columns).tolist(), values.to_numpy(dtype=np.float64).T, strict=True))
        known: dict[object, list[int]] = {}
        for place in by_place:
            known.setdefault(_without(self.settings[place].config, metric.independent_of), []).append(place)
        merged: dict[bytes, list[int]] = {}
        for members in known.values():
            merged.setdefault(_first([by_place[place] for place in members]).tobytes(), []).extend(members)
        parts = sorted(tuple(sorted(members)) for members in merged.values())
        varying = {
            factor: level
            for factor, level in self.factors.items()
            if not any(_begins(factor, part) for part in metric.independent_of)
            if len({level[place] for part in parts for place in part}) > 1
        }
        names = [self._name(members, varying) for members in parts]
        count = Counter(names)
        unique = [
            name if count[name] == 1 else f"{self.settings[members[0]].name} and {len(members) - 1} more"
            for name, members in zip(names, parts, strict=True)
        ]
        first = (pd.Series(_first([by_place[place] for place in members]), index=values.index) for members in parts)
        return [Group(*each) for each in zip(parts, unique, first, strict=True)]

    def _name(self, members: Sequence[int], varying: Mapping[str, Sequence[str]]) -> str:
        """What tells the members from other groups, two values of a factor joined; where nothing does, their number."""
        words = []
        for factor, values in varying.items():
            own = dict.fromkeys(values[place] for place in members)
            if len(own) == 1 or len(own) <= MOST_JOINED < len(set(values)):
                words.append(factor_text(factor, "/".join(own)))
        return " ".join(words) or (f"all {len(members)} settings" if len(members) > 1 else self.settings[members[0]].name)

    def comparable(self, first: int, second: int, metric: Metric) -> bool:
        """Whether two settings are measured by the same yardstick."""
        return self._yardstick(first, metric) == self._yardstick(second, metric)

    def _yardstick(self, place: int, metric: Metric) -> object:
        setting = self.settings[place]
        own = metric.yardstick == "" or (metric.yardstick == "sources" and not setting.sources.startswith(ARTIFICIAL))
        return None if own else _without(setting.config, POLICY)


def factor_text(factor: str, value: str) -> str:
    """A factor's value as a name: of a choice the choice alone."""
    return value if "." not in factor else f"{factor.rsplit('.', 1)[-1]}={value}"


def families(runs: pd.DataFrame, settings: Mapping[str, Setting]) -> list[Family]:
    """The families of finished runs, the settings of each sorted by the values of what differs."""
    found = []
    for _, part in runs.groupby(["study", "dataset"], dropna=False):
        own = [settings[signature] for signature in dict.fromkeys(part["signature"])]
        ranks = list(zip(*factors(own).values(), strict=True)) or [()]
        order = sorted(range(len(own)), key=lambda place: [natural(value) for value in ranks[place]])
        found.append(Family([own[place] for place in order], part))
    return found


def natural(value: str) -> tuple[int, float, str]:
    """A key that sorts numbers by size, and before words."""
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, 0.0, value)


def _first(members: Sequence[FloatArray]) -> FloatArray:
    """By seed the first member's value that is there; settings that are one to a metric may have been run on other seeds."""
    whole = members[0]
    for other in members[1:]:
        whole = np.where(np.isnan(whole), other, whole)
    return whole + 0.0  # no negative zero, whose bytes differ


def _without(config: Mapping[str, object], beginnings: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The settings that do not begin so."""
    return tuple((key, str(value)) for key, value in config.items() if not any(_begins(key, part) for part in beginnings))


def _begins(key: str, beginning: str) -> bool:
    return key == beginning or key.startswith(f"{beginning}.")
