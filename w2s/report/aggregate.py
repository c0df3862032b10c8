"""From runs to settings: means over seeds, with intervals that know that all seeds share one test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.load import read_run
from w2s.results.catalogue import METRICS
from w2s.results.files import POINTS
from w2s.results.metric import Shown
from w2s.statistics.intervals import Interval, crossed, t_interval
from w2s.statistics.pgr import ends, recovery
from w2s.types import BoolArray, FloatArray, StrArray

if TYPE_CHECKING:
    import pandas as pd

MODELS = ("weak", "student", "ceiling")
GROUP = ["study", "dataset", "setting", "signature"]
MEASURES = tuple(metric for metric in METRICS if metric.shown >= Shown.TABLE)
"""Metrics that the tables of settings and runs show."""
OVER_SEEDS = tuple(metric.pattern for metric in MEASURES if metric.topic != "transfer")
"""Those whose interval is a t interval over seeds: about this test set. But for `PER_POINT`."""
PER_POINT = {"mixing/gain": "mixing_gain", "selection/gain": "selection_gain"}
"""Differences of accuracy -> the column of points that holds them by test point: crossed over seeds x test points."""


@dataclass(frozen=True)
class Tested:
    """What a run kept of its n test points."""

    ids: StrArray
    """(n,)"""
    right: BoolArray | None
    """(n, 3): what weak model, student and ceiling got right, or (n, 2) without a ceiling; None without predictions."""
    differences: Mapping[str, FloatArray]
    """Metric of `PER_POINT` -> (n,) in [-1, 1], its mean over draws at each point."""


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
        points = [read_points(Path(folder)) for folder in group["folder"]] if _has_points(group) else []
        measures = {**_transfer(group, points), **_over_seeds(group, points)}
        rows.append({**identity, "seeds": len(group), **measures})
    return pd.DataFrame(rows)


def _has_points(group: pd.DataFrame) -> bool:
    return any(name in group and group[name].notna().any() for name in ("gain", *PER_POINT))


def _transfer(group: pd.DataFrame, points: Sequence[Tested | None]) -> dict[str, Any]:
    """Accuracies, gain and PGR over seeds x test points."""
    if "gain" not in group or group["gain"].isna().all():
        return {"basis": ""}
    known = [(each.ids, each.right) for each in points if each is not None and each.right is not None]
    if not known:
        return {"basis": "no predictions on disk"}
    if any(not np.array_equal(ids, known[0][0]) for ids, _ in known[1:]):
        return {"basis": "the seeds have different test points"}
    basis = "these trained models" if len(known) == 1 else "the procedure (seeds x test points)"
    basis += f", {len(known)} of {len(group)} seeds" if len(known) < len(group) else ""
    return {**transfer_measures(np.stack([right for _, right in known])), "basis": basis}


def transfer_measures(right: BoolArray) -> dict[str, float | None]:
    """Weak, student and ceiling accuracy, gain and PGR from correctness (S, n, 2 or 3), with crossed intervals."""
    accuracies = crossed(right.astype(np.float64))
    measures = recovery(right)
    for k, name in enumerate(MODELS[: right.shape[-1]]):
        measures |= ends(f"{name}/accuracy", accuracies.interval(k))
    return measures


def _over_seeds(group: pd.DataFrame, points: Sequence[Tested | None]) -> dict[str, float | None]:
    measures: dict[str, float | None] = {}
    for name in (name for name in OVER_SEEDS if name in group):
        there = group[name].notna()
        known = group[there]
        if len(known) == 1:
            measures |= {key: known.iloc[0].get(key) for key in (name, f"{name}/low", f"{name}/high")}
        elif len(known):
            own = [each for each, kept in zip(points, there, strict=True) if kept] if name in PER_POINT else []
            values = known[name].to_numpy(dtype=np.float64)
            measures |= ends(name, _crossed_difference(own, name) or t_interval(values))
    return measures


def _crossed_difference(points: Sequence[Tested | None], name: str) -> Interval | None:
    """The interval over seeds x test points; None where a run kept no differences, or has other test points."""
    kept = [each for each in points if each is not None and name in each.differences]
    if not kept or len(kept) < len(points) or any(not np.array_equal(each.ids, kept[0].ids) for each in kept[1:]):
        return None
    return crossed(np.stack([each.differences[name] for each in kept])[:, :, None]).interval()


def read_points(folder: Path) -> Tested | None:
    """The test points of a run; None where it left none, or a damaged file, which the log then names."""
    points = read_run(folder).table(POINTS)
    if points is None or not {"id", "split"} <= set(points):
        return None
    test = points[points["split"] == "test"]
    models = [test.filter(regex=rf"^{model}(_\d+)?$").to_numpy(dtype=np.float64) for model in MODELS]
    right = None
    if models[0].shape[1] and models[1].shape[1] and "label" in test:
        labels = test["label"].to_numpy(dtype=np.int64)
        right = np.stack([_classes(scores) == labels for scores in models if scores.shape[1]], axis=1)
    differences = {name: test[column].to_numpy(dtype=np.float64) for name, column in PER_POINT.items() if column in test}
    return Tested(test["id"].to_numpy(dtype=np.str_), right, differences)


def _classes(scores: FloatArray) -> Any:
    """(n,) predicted classes from (n, 1) the probability of class 1 or (n, k) of every class; the lowest on ties."""
    return (scores[:, 0] > 0.5).astype(np.int64) if scores.shape[1] == 1 else np.argmax(scores, axis=1)
