"""The tables of the page over many runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.report.aggregate import finished
from w2s.report.load import read_run
from w2s.report.page import Cell, Column, Table
from w2s.report.study_tables import STUDIES, StudyTable, study_table

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "gain": ("gain, points", 100.0, 1),
    "weak/accuracy": ("weak", 1.0, 3),
    "student/accuracy": ("student", 1.0, 3),
    "ceiling/accuracy": ("ceiling", 1.0, 3),
    "overlap/density": ("overlap density", 1.0, 3),
    "detection/f1": ("detection F1", 1.0, 2),
    "detection/auc": ("detection AUC", 1.0, 2),
    "mixing/gain": ("mixing gain, points", 100.0, 1),
    "selection/accuracy": ("selection accuracy", 1.0, 3),
    "selection/density": ("density bought", 1.0, 3),
    "selection/regret": ("regret", 1.0, 2),
    "selection/true_regret": ("true regret", 1.0, 2),
}
"""Metric -> column title, scale, digits."""
RUN_MEASURES = tuple(MEASURES)
MOST_TABLES_SHOWN = 8
"""Runs of studies of many that show their tables."""

MOST_OWN = 6
"""Metrics shown of runs that have none of `MEASURES`."""


def counted(n: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def study_tables_of(runs: pd.DataFrame) -> dict[str, StudyTable]:
    """Title -> table of the first finished runs of studies of many detectors, policies, estimators or levels."""
    ok = finished(runs)
    columns = [name for name in ok if str(name).split("/")[0] in STUDIES]
    found: dict[str, StudyTable] = {}
    for row in ok[ok[columns].notna().any(axis=1)].head(MOST_TABLES_SHOWN).to_dict("records"):
        table = study_table(read_run(Path(row["folder"])).results["metrics"])
        if table is not None:
            name = text(row["experiment"]) or row["study"]
            found[" · ".join(part for part in (name, row["setting"], f"seed {row['seed']}") if part)] = table
    return found


def study_section(found: StudyTable, *, name: str, title: str) -> Table:
    """The table of one run's verdict."""
    columns = [Column(label) for label in found.columns]
    return Table(id=name, title=title, columns=columns, rows=found.rows, caption=found.caption, first=True, sortable=False)


def study_sections(runs: pd.DataFrame) -> list[Table]:
    """The tables of `study_tables_of`."""
    found = study_tables_of(runs).items()
    return [study_section(found, name=f"verdict{k}", title=title) for k, (title, found) in enumerate(found)]


def settings_section(settings: pd.DataFrame) -> Table:
    """One row per setting, the gain in points first, PGR only where it is defined."""
    shown = [name for name in MEASURES if name in settings and settings[name].notna().any()]
    columns = [Column("setting", wide=True), Column("study"), Column("data set"), Column("seeds", "number")]
    columns += [Column(MEASURES[name][0], "interval", MEASURES[name][2]) for name in shown]
    with_pgr = "pgr/defined" in settings and settings["pgr/defined"].notna().any()
    place = 5 if "gain" in shown else 4
    if with_pgr:
        columns.insert(place, Column("PGR", "interval", 2))
    rows: list[list[Cell]] = []
    for row in settings.to_dict("records"):
        cells: list[Cell] = [text(row["setting"] or row["study"]), row["study"], row["dataset"], row["seeds"]]
        cells += [interval(row, name, MEASURES[name][1]) for name in shown]
        if with_pgr:
            cells.insert(place, pgr_cell(row))
        rows.append(cells)
    caption = (
        "Value [95 % interval]. Accuracies, gain and PGR: crossed over seeds x test points (one seed: over test points, "
        "about these trained models). The rest: over seeds, about this test set."
    )
    return Table(id="settings", title="Settings", columns=columns, rows=rows, caption=caption, first=True)


def interval(row: Mapping[Any, Any], name: str, scale: float = 1.0) -> Cell:
    """(value, low, high) of a measure, or nothing."""
    value, low, high = (number(row.get(key), scale) for key in (name, f"{name}/low", f"{name}/high"))
    return None if value is None else (value, low, high if low is not None else None)


def number(value: Any, scale: float = 1.0) -> float | None:
    """The scaled number, or None of what is none."""
    return None if value is None or value != value else float(value) * scale


def pgr_cell(row: Mapping[Any, Any]) -> Cell:
    """PGR with its Fieller interval, or why there is none to be trusted."""
    if number(row.get("pgr/defined")) is None:
        return None
    if not row["pgr/defined"]:
        return "not defined: the gap is noise"
    if not row["pgr/precise"]:
        return f"not precise [{row['pgr/low']:.2f}, {row['pgr/high']:.2f}]"
    return interval(row, "pgr")


def comparisons_section(frame: pd.DataFrame) -> Table:
    """Pairs of settings, the clearest first."""
    titles = ("setting", "against", "metric", "study", "data set")
    columns = [*(Column(title) for title in titles), Column("difference", "interval", 4), Column("p, joint", "number", 4)]
    columns.append(Column("seeds", "number"))
    rows: list[list[Cell]] = []
    for row in frame.sort_values("p", kind="stable").head(5000).to_dict("records") if len(frame) else ():
        difference = (row["difference"], row["low"], row["high"])
        cells = [row[name] for name in ("setting", "against", "metric", "study", "dataset")]
        rows.append([*cells, difference, row["p"], row["seeds"]])
    caption = (
        "Paired by seed. Each interval is a difference's own (t over seeds); p is adjusted for all differences of the same "
        "metric, study and data set (max-T over sign flips), and cannot fall below 2 to the power 1 - seeds."
    )
    return Table(id="comparisons", title="Comparisons", columns=columns, rows=rows, caption=caption)


def failures_section(runs: pd.DataFrame) -> Table:
    """Runs that did not end well, with their error and the command that runs each again."""
    failed = runs[runs["status"] != "ok"]
    keys = ("run", "status", "error", "command")
    rows: list[list[Cell]] = [[text(row[key]) for key in keys] for row in failed.to_dict("records")]
    columns = [Column("run", wide=True), Column("status"), Column("error", wide=True), Column("run it again", wide=True)]
    return Table(id="failed", title="Failed and unfinished runs", columns=columns, rows=rows)


def runs_section(runs: pd.DataFrame, changed: Sequence[Mapping[str, Any]]) -> Table:
    """All runs; a row opens to its command and configuration."""
    shown = [name for name in RUN_MEASURES if name in runs and runs[name].notna().any()] or own_metrics(runs)
    measures = {name: MEASURES.get(name, (name, 1.0, 4)) for name in shown}
    columns = [Column("setting", wide=True), Column("seed", "number"), Column("status"), Column("study"), Column("data set")]
    columns += [Column("seconds", "number", 1)]
    columns += [Column(label, "number", digits) for label, _, digits in measures.values()]
    rows: list[list[Cell]] = []
    details = []
    for row, differs in zip(runs.to_dict("records"), changed, strict=True):
        seed = number(row["seed"])
        cells: list[Cell] = [text(row["setting"] or row["run"]), None if seed is None else int(seed)]
        cells += [row["status"], text(row["study"]), text(row["dataset"]), number(row["seconds"])]
        rows.append([*cells, *(number(row[name], scale) for name, (_, scale, _) in measures.items())])
        error = {"error": text(row["error"])} if text(row["error"]) else {}
        details.append({"command": row["command"], "folder": row["run"], "config": differs, **error})
    caption = "Open a row for the command that makes the run, and its configuration."
    return Table(id="runs", title="Runs", columns=columns, rows=rows, details=details, caption=caption)


def own_metrics(runs: pd.DataFrame) -> list[str]:
    """The first metrics of studies that measure none of `MEASURES` and have no verdict."""
    names = list(map(str, runs))[list(runs).index("commit") + 1 :]
    return [name for name in names if name.split("/")[0] not in STUDIES and runs[name].notna().any()][:MOST_OWN]


def versions_section(versions: Sequence[tuple[str, str, int]]) -> Table:
    """Installed versions, with the number of runs that had them."""
    columns = [Column("package"), Column("version"), Column("runs", "number")]
    return Table(id="versions", title="Versions", columns=columns, rows=versions)


def text(value: Any) -> str:
    """A string, empty for nothing."""
    return "" if value is None or value != value else str(value)
