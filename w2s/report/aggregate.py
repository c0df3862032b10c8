"""From runs to settings: means over seeds, with intervals that know that all seeds share one test set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.answers import MODELS, read_answers, read_differences
from w2s.results.catalogue import METRICS
from w2s.results.metric import Shown
from w2s.statistics.intervals import Interval, crossed, t_interval
from w2s.statistics.pgr import ends, recovery
from w2s.types import BoolArray

if TYPE_CHECKING:
    import pandas as pd

GROUP = ["study", "dataset", "setting", "signature"]
MEASURES = tuple(metric for metric in METRICS if metric.shown >= Shown.TABLE)
"""Metrics that the tables of settings and runs show."""
OVER_SEEDS = tuple(metric.pattern for metric in MEASURES if metric.topic != "transfer")
"""Those whose interval is a t interval over seeds: about this test set. But for `PER_POINT`."""
PER_POINT = {"mixing/gain": "mixing_gain", "selection/gain": "selection_gain"}
"""Differences of accuracy -> the column of points that holds them by test point: crossed over seeds x test points."""


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that ended well, the last one where a setting and seed were run again."""
    ok = runs[runs["status"] == "ok"]
    return ok.drop_duplicates(["signature", "seed"], keep="last")


def settings_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per setting: seeds, and value, low, high of each of the `MEASURES`.

    Args:
        runs: the table of `load_results`.

    Returns:
        Columns study, dataset, setting, signature, seeds, basis, and for each measure its name, `/low` and `/high`; `basis`
        says what the intervals of accuracies, gain and PGR are about.
    """
    import pandas as pd

    rows = []
    for names, group in finished(runs).groupby(GROUP, sort=False, dropna=False):
        identity = dict(zip(GROUP, names, strict=True))
        group = group.sort_values("seed")
        rows.append({**identity, "seeds": len(group), **_transfer(group), **_over_seeds(group)})
    return pd.DataFrame(rows)


def _transfer(group: pd.DataFrame) -> dict[str, Any]:
    """Accuracies, gain and PGR over seeds x test points."""
    if "gain" not in group or group["gain"].isna().all():
        return {"basis": ""}
    answers = [each for each in read_answers(map(Path, group["folder"])) if each is not None]
    if not answers:
        return {"basis": "no predictions on disk"}
    if any(not np.array_equal(each.ids, answers[0].ids) for each in answers[1:]):
        return {"basis": "the seeds have different test points"}
    basis = "these trained models" if len(answers) == 1 else "the procedure (seeds x test points)"
    basis += f", {len(answers)} of {len(group)} seeds" if len(answers) < len(group) else ""
    return {**transfer_measures(np.stack([each.right for each in answers])), "basis": basis}


def transfer_measures(right: BoolArray) -> dict[str, float | None]:
    """Weak, student and ceiling accuracy, gain and PGR from correctness (S, n, 3), with crossed intervals."""
    accuracies = crossed(right.astype(np.float64))
    measures = recovery(right)
    for k, name in enumerate(MODELS):
        measures |= ends(f"{name}/accuracy", accuracies.interval(k))
    return measures


def _over_seeds(group: pd.DataFrame) -> dict[str, float | None]:
    measures: dict[str, float | None] = {}
    for name in OVER_SEEDS:
        values = group[name].dropna().to_numpy(dtype=np.float64) if name in group else np.empty(0)
        if len(values) > 1:
            crossed_over = _crossed_difference(group, name) if name in PER_POINT else None
            measures |= ends(name, crossed_over or t_interval(values))
        elif len(values) == 1:
            row = group[group[name].notna()].iloc[0]
            measures |= {key: row.get(key) for key in (name, f"{name}/low", f"{name}/high")}
    return measures


def _crossed_difference(group: pd.DataFrame, name: str) -> Interval | None:
    """The interval over seeds x test points; None where a run kept no differences, or has other test points."""
    found = read_differences(map(Path, group.loc[group[name].notna(), "folder"]), PER_POINT[name])
    kept = [each for each in found if each is not None]
    if len(kept) < len(found) or any(not np.array_equal(each.ids, kept[0].ids) for each in kept[1:]):
        return None
    return crossed(np.stack([each.values for each in kept])[:, :, None]).interval()
