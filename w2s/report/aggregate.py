"""From runs to settings: means over seeds, with intervals that know that all seeds share one test set."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.statistics.intervals import crossed, t_interval
from w2s.statistics.recovery import ends, recovery
from w2s.types import BoolArray, FloatArray, StrArray

log = logging.getLogger(__name__)

PARQUET_MARK = b"PAR1"

if TYPE_CHECKING:
    import pandas as pd

MODELS = ("weak", "student", "ceiling")
GROUP = ["study", "dataset", "setting", "signature"]
PLAIN = (
    "overlap/density",
    "detection/f1",
    "detection/auc",
    "mixing/gain",
    "selection/accuracy",
    "selection/density",
    "selection/regret",
    "selection/true_regret",
)
"""Metrics whose interval is a t interval over seeds: about this test set."""


@dataclass(frozen=True)
class Answers:
    """What the three models of one run got right."""

    ids: StrArray
    """(n,) test points."""
    right: BoolArray
    """(n, 3): weak, student, ceiling."""


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that ended well, the last one where a setting and seed were run again."""
    ok = runs[runs["status"] == "ok"]
    return ok.drop_duplicates(["signature", "seed"], keep="last")


def settings_table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per setting: seeds, and value, low, high of each measure.

    Args:
        runs: the table of `load_results`.

    Returns:
        Columns study, dataset, setting, signature, seeds, basis, and for each measure its name, `/low` and `/high`; `basis`
        says what the intervals of accuracies, gain and PGR are about.
    """
    import pandas as pd

    kept = finished(runs)
    rows = []
    for names, group in kept.groupby(GROUP, sort=False, dropna=False):
        identity = dict(zip(GROUP, names, strict=True))
        group = group.sort_values("seed")
        rows.append({**identity, "seeds": len(group), **_transfer(group), **_plain(group)})
    return pd.DataFrame(rows)


def _transfer(group: pd.DataFrame) -> dict[str, Any]:
    """Accuracies, gain and PGR over seeds x test points."""
    if "gain" not in group or group["gain"].isna().all():
        return {"basis": ""}
    answers = [each for each in read_answers(map(Path, group["folder"])) if each is not None]
    if len(answers) < len(group):
        return {"basis": "no predictions on disk"}
    if any(not np.array_equal(each.ids, answers[0].ids) for each in answers[1:]):
        return {"basis": "the seeds have different test points"}
    return {**transfer_measures(np.stack([each.right for each in answers])), "basis": basis_of(len(answers))}


def basis_of(n_seeds: int) -> str:
    """What an interval over this many seeds is about."""
    return "these trained models" if n_seeds == 1 else "the procedure (seeds x test points)"


def transfer_measures(right: BoolArray) -> dict[str, float | None]:
    """Weak, student and ceiling accuracy, gain and PGR from correctness (S, n, 3), with crossed intervals."""
    accuracies = crossed(right.astype(np.float64))
    measures = recovery(right)
    for k, name in enumerate(MODELS):
        measures |= ends(f"{name}/accuracy", accuracies.interval(k))
    return measures


def _plain(group: pd.DataFrame) -> dict[str, float | None]:
    measures: dict[str, float | None] = {}
    for name in PLAIN:
        values = group[name].dropna().to_numpy(dtype=np.float64) if name in group else np.empty(0)
        if len(values) > 1:
            measures |= ends(name, t_interval(values))
        elif len(values) == 1:
            row = group[group[name].notna()].iloc[0]
            measures |= {key: row.get(key) for key in (name, f"{name}/low", f"{name}/high")}
    return measures


def read_answers(folders: Iterable[Path]) -> list[Answers | None]:
    """The answers of each run, None where it left no predictions of all three models."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_read, folders))


def damaged(path: Path) -> bool:
    """Whether a parquet file lacks the mark at its end, as one that was cut short does; then the log names it."""
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - len(PARQUET_MARK), 0))
        whole = stream.read() == PARQUET_MARK
    if not whole:
        log.warning("%s is damaged and left out.", path)
    return not whole


def _read(folder: Path) -> Answers | None:
    import pyarrow.parquet as pq

    path = folder / "points.parquet"
    if not path.is_file() or damaged(path):
        return None
    with pq.ParquetFile(path, memory_map=True) as file:
        names = file.schema_arrow.names
        columns = {model: [name for name in names if name == model or name.startswith(f"{model}_")] for model in MODELS}
        if not all(columns.values()) or "label" not in names:
            return None
        table = file.read(["id", "split", "label", *(name for part in columns.values() for name in part)], use_threads=False)
    split = table.column("split").to_numpy()
    test = np.flatnonzero(split == "test")
    read: Mapping[str, Any] = {name: table.column(name).to_numpy()[test] for name in table.column_names}
    labels = read["label"].astype(np.int64)
    right = [_classes([read[name] for name in columns[model]]) == labels for model in MODELS]
    return Answers(read["id"].astype(np.str_), np.stack(right, axis=1))


def _classes(columns: list[FloatArray]) -> Any:
    """(n,) predicted classes: from the probability of class 1, or of every class; the lowest class on ties."""
    return (columns[0] > 0.5).astype(np.int64) if len(columns) == 1 else np.argmax(np.stack(columns), axis=0)
