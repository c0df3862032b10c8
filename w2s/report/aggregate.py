"""From runs to settings: means over seeds, with intervals that know that all seeds share one test set."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.errors import DataError
from w2s.results.catalogue import METRICS, MODELS
from w2s.results.files import POINTS, read_file, read_results, table_name
from w2s.results.metric import Prominence
from w2s.statistics.intervals import Interval, crossed, t_interval
from w2s.statistics.pgr import ends, recovery
from w2s.types import BoolArray, FloatArray, StrArray

if TYPE_CHECKING:
    import pandas as pd

GROUP = ["study", "dataset", "setting", "signature"]
MEASURES = tuple(metric for metric in METRICS if metric.shown >= Prominence.TABLE)
"""Metrics that the tables of settings and runs show."""
OVER_SEEDS = tuple(metric.pattern for metric in MEASURES if metric.topic != "transfer")
"""Those whose interval is a t interval over seeds: about this test set. But for `PER_POINT`."""
PER_POINT = {"mixing/gain": "mixing_gain", "selection/gain": "selection_gain"}
"""Differences of accuracy -> the column of points that holds them by test point: crossed over seeds x test points."""
WANTED = re.compile(rf"id|split|label|({'|'.join(MODELS)})(_\d+)?|{'|'.join(PER_POINT.values())}")
"""Columns of points that are read."""

log = logging.getLogger(__name__)


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
    for k, name in enumerate(list(MODELS)[: right.shape[-1]]):
        measures |= ends(f"{name}/accuracy", accuracies.interval(k))
    return measures


def _over_seeds(group: pd.DataFrame, points: Sequence[Tested | None]) -> dict[str, float | None]:
    measures: dict[str, float | None] = {}
    for name in (name for name in OVER_SEEDS if name in group):
        values = group[name].dropna()
        if len(values) == 1:
            row = group.loc[values.index[0]]
            measures |= {key: row.get(key) for key in (name, f"{name}/low", f"{name}/high")}
        elif len(values):
            there = group[name].notna()
            own = [each for each, kept in zip(points, there, strict=True) if kept] if name in PER_POINT else []
            measures |= ends(name, _crossed_difference(own, name) or t_interval(values.to_numpy(dtype=np.float64)))
    return measures


def _crossed_difference(points: Sequence[Tested | None], name: str) -> Interval | None:
    """The interval over seeds x test points; None where a run kept no differences, or has other test points."""
    kept = [each for each in points if each is not None and name in each.differences]
    if not kept or len(kept) < len(points) or any(not np.array_equal(each.ids, kept[0].ids) for each in kept[1:]):
        return None
    return crossed(np.stack([each.differences[name] for each in kept])[:, :, None]).interval()


def read_points(folder: Path) -> Tested | None:
    """The test points of a run; None where it left none, or a damaged file, which the log then names."""
    try:
        return _read_points(folder)
    except DataError as error:
        log.warning("%s; it is left out.", error)
        return None


def _read_points(folder: Path) -> Tested | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    results = read_results(folder)
    if results is None or table_name(POINTS) not in results.files:
        return None
    content = read_file(folder, results, table_name(POINTS))
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            names = [name for name in file.schema_arrow.names if WANTED.fullmatch(name)]
            table = file.read(names, use_threads=False)
    except pa.ArrowException as error:
        raise DataError(f"{folder / table_name(POINTS)}: no parquet file ({error})") from error
    if not {"id", "split"} <= set(names):
        return None
    test = np.flatnonzero(table.column("split").to_numpy() == "test")
    read: dict[str, Any] = {name: table.column(name).to_numpy()[test] for name in names if name != "split"}
    models = [[read[name] for name in read if re.fullmatch(rf"{model}(_\d+)?", name)] for model in MODELS]
    right = None
    if all(models[:2]) and "label" in read:
        labels = read["label"].astype(np.int64)
        right = np.stack([_classes(columns) == labels for columns in models if columns], axis=1)
    differences = {name: read[column].astype(np.float64) for name, column in PER_POINT.items() if column in read}
    return Tested(read["id"].astype(np.str_), right, differences)


def _classes(columns: list[FloatArray]) -> Any:
    """(n,) predicted classes: from the probability of class 1, or of every class; the lowest class on ties."""
    return (columns[0] > 0.5).astype(np.int64) if len(columns) == 1 else np.argmax(np.stack(columns), axis=0)
