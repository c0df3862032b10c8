"""Which figures a report over many runs has, and the numbers they are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.report.aggregate import finished
from w2s.report.collect import Collected
from w2s.report.families import Family, Group
from w2s.report.figures.run import draw_study, drawn
from w2s.report.load import read_run
from w2s.report.mixing_controls import by_seed
from w2s.results.catalogue import CONTROLS, metric_of
from w2s.results.files import ROUNDS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NARROW = "\u00a0"
"""A space that keeps two words together."""
MOST_DRAWN = 9
"""Settings in a figure with a panel for each."""
SHARES = tuple(f"{k / 10:.1f}" for k in range(11))
CAPTIONS = {
    "intervals": "What each setting gains over its control, with 95 % intervals: gain over seeds x test points, the "
    "others over seeds. Settings that are one to a measure are one row.",
    "mixing": "Mean over seeds with 95 % t bands, the other settings in grey. Every student trains on equally many "
    "points; confident points are the main control.",
    "controls": "Means over seeds with 95 % t intervals, at equal size: plain (open) and with equally many points of each "
    "weak class (filled).",
    "density": "One dot per finished run.",
    "selection_accuracy": "The student on everything bought so far: mean over seeds with 95 % t bands, the other settings "
    "in grey; uniform sources are drawn with equal chances each round.",
    "selection_density": "Overlap density, by the detector, of everything bought so far: mean over seeds with 95 % t bands.",
    "selection_regret": "Overlap points missed by not always buying from the densest source: median and the range from the "
    "5 % to the 95 % quantile over seeds. The tails matter: a lucky policy has a good mean.",
}


QUANTITIES = {
    "accuracy": ("accuracy", "test accuracy"),
    "density": ("bought", "density bought"),
    "regret": ("", "cumulative regret"),
}
"""What a figure of the selection shows -> its column of the rounds, and its axis; regret has a column of its own kind."""


@dataclass(frozen=True)
class Panel:
    """A group of settings with a panel of its own."""

    name: str
    family: Family
    group: Group


def draw(collected: Collected) -> Iterator[tuple[str, Figure]]:
    """The figures that the runs have something to show for, by name; one that cannot be drawn is named in the log."""
    rounds = rounds_of(collected)
    makers: dict[str, Callable[[], Figure | None]] = {
        "intervals": partial(_intervals, collected),
        "mixing": partial(_mixing, collected),
        "controls": partial(_controls, collected),
        "density": partial(_density, collected),
        **{f"selection_{name}": partial(_selection, rounds, name) for name in QUANTITIES if rounds},
    }
    for name, maker in makers.items():
        yield from drawn(name, maker)
    ok = finished(collected.runs)
    if len(ok) == 1:
        yield from draw_study(read_run(Path(ok["folder"].iloc[0])))


def panels_of(collected: Collected, metric: str) -> list[Panel]:
    """The first groups of settings that differ in a metric."""
    several = len(collected.families) > 1
    found = []
    for family in collected.families:
        for group in family.groups(metric_of(metric)):
            name = f"{family.dataset} {group.name}" if several else group.name
            alike = f" ({len(group.members)}{NARROW}coincide)" if len(group.members) > 1 else ""
            found.append(Panel(name + alike, family, group))
    return found[:MOST_DRAWN]


def _intervals(collected: Collected) -> Figure | None:
    from w2s.report.figures.settings import intervals

    own = [each for each in collected.contrasts if each.kind == "control"]
    return intervals(own) if own else None


def _mixing(collected: Collected) -> Figure | None:
    from w2s.report.figures.plots import mean_band
    from w2s.report.figures.settings import small_multiples

    bands, beside = {}, {}
    for panel in panels_of(collected, "mixing/1.0"):
        shares = _long(panel, {float(share): f"mixing/{share}" for share in SHARES})
        control = _long(panel, {float(share): "mixing/random_non_hard" for share in (SHARES[0], SHARES[-1])})
        bands[panel.name] = mean_band(shares, "key", "value", within=(0.0, 1.0))
        if len(control):
            beside[panel.name] = mean_band(control, "key", "value", within=(0.0, 1.0))
    if not bands:
        return None
    other = CONTROLS["random_non_hard"]
    axes = {"xlabel": "share of overlap points", "ylabel": "test accuracy"}
    return small_multiples(bands, beside, **axes, name="student by overlap share", other=other)


def _controls(collected: Collected) -> Figure | None:
    from w2s.report.figures.settings import control_multiples

    frames = {}
    for panel in panels_of(collected, "mixing/1.0"):
        names = {f"{name}{ending}": f"mixing/{name}{ending}" for name in ("1.0", *CONTROLS) for ending in ("", "/balanced")}
        frames[panel.name] = _long(panel, names).rename(columns={"key": "control", "value": "accuracy"})
    return control_multiples(frames) if frames else None


def _density(collected: Collected) -> Figure | None:
    from w2s.report.figures.settings import density_gain

    gain = metric_of("gain")
    groups = [(family, group) for family in collected.families for group in family.groups(gain)]
    signatures = {family.settings[group.members[0]].signature for family, group in groups}
    ok = finished(collected.runs)
    if "overlap/density" not in ok or len(signatures) < 2:
        return None
    return density_gain(ok[ok["signature"].isin(signatures)])


def _long(panel: Panel, metrics: Mapping[Any, str]) -> pd.DataFrame:
    """Columns key, seed, value of some metrics of a group of settings."""
    import pandas as pd

    parts = []
    for key, name in metrics.items():
        values = by_seed(panel.family, panel.group, name)
        parts.append(pd.DataFrame({"key": key, "seed": values.index, "value": values.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def rounds_of(collected: Collected) -> dict[str, pd.DataFrame]:
    """For the first groups of settings the rounds of all seeds, with columns seed and own: whether its policy played."""
    import pandas as pd

    found = {}
    for panel in panels_of(collected, "selection/accuracy"):
        signature = panel.family.settings[panel.group.members[0]].signature
        tables = []
        for row in panel.family.runs[panel.family.runs["signature"] == signature].to_dict("records"):
            table = read_run(Path(row["folder"])).table(ROUNDS)
            if table is not None:
                tables.append(table.assign(seed=row["seed"], own=table["policy"] == table["policy"].iloc[0]))
        if tables:
            found[panel.name] = pd.concat(tables, ignore_index=True)
    return found


def _selection(rounds: dict[str, pd.DataFrame], quantity: str) -> Figure:
    from w2s.report.figures.plots import mean_band, regret_column, with_density_bought
    from w2s.report.figures.settings import quantile_band, small_multiples

    bands: dict[str, pd.DataFrame] = {}
    beside: dict[str, pd.DataFrame] = {}
    for name, frame in rounds.items():
        frame = with_density_bought(frame)
        column = regret_column(frame) if quantity == "regret" else QUANTITIES[quantity][0]
        for target, rows in ((bands, frame[frame["own"]]), (beside, frame[~frame["own"]])):
            if len(rows) and quantity == "regret":
                target[name] = quantile_band(rows, "round", column)
            elif len(rows):
                target[name] = mean_band(rows, "round", column, within=(0.0, 1.0))
    axes = {"xlabel": "round", "ylabel": QUANTITIES[quantity][1]}
    return small_multiples(bands, beside, **axes, name="policy", other="uniform sources")
