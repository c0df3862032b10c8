"""The tables of the report over many runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from w2s.report.aggregate import MEASURES
from w2s.report.collect import Collected
from w2s.report.compare import VERDICT, Contrast
from w2s.report.load import CHECKPOINTS, FACTS, metric_columns
from w2s.report.naming import CHOICES, factors
from w2s.report.tables import (
    Cell,
    Column,
    Table,
    as_interval,
    frame_table,
    measure,
    metric_column,
    number,
    text,
    without_constant,
)
from w2s.results.catalogue import describe, metric_of
from w2s.results.metric import Metric, Prominence

if TYPE_CHECKING:
    import pandas as pd

MOST_OWN = 6
"""Metrics shown of runs that have none of `MEASURES`."""
MOST_CONTRASTS = 2_000
ABOUT = (
    "Value [95 % interval]. Accuracies, PGR and all gains: crossed over seeds x test points (one seed: over test points, "
    "about these trained models). The rest: over seeds, about this sample of data."
)
SETUP = {
    "dataset": "data set",
    **{group: group.replace("_", " ") for group in (*CHOICES, *CHECKPOINTS)},
    **{column: column.replace("points_", "points in ").replace("class_b", "class b") for column in FACTS},
}
"""Column of `load_results` that says what a run ran on -> how it is called."""


def settings_section(collected: Collected, least: Prominence = Prominence.TABLE) -> Table:
    """One row per setting with what differs between them; what is the same in all is said once above it.

    Args:
        collected: the runs and what was made of them.
        least: metrics that are shown in this place at least.
    """
    settings = [setting for family in collected.families for setting in family.settings]
    if not settings:
        return Table(id="settings", title="Settings", columns=[], rows=[])
    rows = [collected.row_of[setting.signature] for setting in settings]
    columns: list[tuple[Column, list[Cell]]] = [
        (Column(name.rsplit(".", 1)[-1], help=f"The value of {name}."), list(values))
        for name, values in factors(settings).items()
    ]
    seeds = Column("seeds", "number", 0, "Finished runs of the setting, one a seed.")
    columns.append((seeds, [int(row["seeds"]) for row in rows]))
    for metric in MEASURES:
        if metric.shown >= least:
            columns += _measured(metric, rows, collected.contrasts)
    table = Table(
        id="settings",
        title="What differs between the settings" if len(settings) > 1 else "The setting",
        columns=[column for column, _ in columns],
        rows=list(zip(*(cells for _, cells in columns), strict=True)),
        caption=ABOUT if any(column.kind == "interval" for column, _ in columns) else "",
        above={"All runs on": setup(collected.runs)},
    )
    return without_constant(table, "The same in all settings")


def _measured(
    metric: Metric, rows: Sequence[Mapping[Any, Any]], contrasts: Sequence[Contrast]
) -> Iterator[tuple[Column, list[Cell]]]:
    """A metric's column, and where it is a gain over a control the verdict on it; nothing where no setting has it."""
    cells: list[Cell] = [pgr_cell(row) if metric.pattern == "pgr" else measure(metric, row) for row in rows]
    if any(cell is not None for cell in cells):
        yield as_interval(metric_column(metric)), cells
    own = [each for each in contrasts if (each.kind, each.metric) == ("control", metric.pattern)]
    verdicts = {signature: each.verdict for each in own for signature in each.members}
    if verdicts:
        yield Column(f"against {metric.over}", help=VERDICT), [verdicts.get(row["signature"]) for row in rows]


def setup(runs: pd.DataFrame) -> list[tuple[str, str]]:
    """What all runs ran on: data set, models, points in each role, class balance, sources."""
    found = []
    for name in SETUP:
        values = runs[name].dropna().unique()
        if len(values) == 1 and text(values[0]):
            found.append((SETUP[name], f"{values[0]:,.0f}" if name.startswith("points") else text(values[0])))
    return found


def pgr_cell(row: Mapping[Any, Any]) -> Cell:
    """PGR with its Fieller interval, or why there is none to be trusted."""
    if number(row.get("pgr/defined")) is None:
        return None
    if not row["pgr/defined"]:
        return "not defined: the gap is noise"
    if not row["pgr/precise"]:
        return f"not precise [{row['pgr/low']:.2f}, {row['pgr/high']:.2f}]"
    return measure(metric_of("pgr"), row)


def contrasts_section(contrasts: Sequence[Contrast], kind: str) -> Table:
    """Values of factors, or settings, against one another, the clearest first."""
    own = sorted((each.favourable() for each in contrasts if each.kind == kind), key=lambda each: each.p)[:MOST_CONTRASTS]
    by_factor = kind == "factor"
    minus = "First minus the other, paired by seed, with its own 95 % t interval."
    columns = [
        Column("factor", help="What differs, all else equal; differences are averaged over all else."),
        *(Column(title) for title in ("first", "against", "metric", "data set")),
        Column("difference", "interval", 2, minus, signed=True),
        Column("unit", help="Points: percentage points."),
        Column("verdict", help=VERDICT),
        Column("p, joint", "number", 4, "Adjusted for all differences of the metric that are tested together (max-T)."),
        Column("seeds", "number", 0, "Seeds that both were run on."),
        Column("would tell", "number", 0, "Seeds that would tell a difference as large, with probability .8."),
    ]
    rows: list[list[Cell]] = []
    for each in own:
        metric = metric_of(each.metric)
        difference = (each.difference * metric.scale, each.low * metric.scale, each.high * metric.scale)
        told = (difference, "points" if metric.scale > 1 else "", each.verdict, each.p, each.seeds, each.needed)
        row: list[Cell] = [each.factor, each.first, each.second, metric.title, each.dataset, *told]
        rows.append(row if by_factor else row[1:])
    title = "What makes a difference" if by_factor else "Settings against one another"
    caption = (
        "Only what can differ and is measured by one yardstick is compared. p cannot fall below 2 to the power 1 - seeds."
    )
    shown = columns if by_factor else columns[1:]
    table = Table(id=f"{kind}-contrasts", title=title, columns=shown, rows=rows, caption=caption, folded=not by_factor)
    return without_constant(table, "The same for all")


def failures_section(runs: pd.DataFrame) -> Table:
    """Runs that did not end well, with their error and the command that runs each again."""
    heads = {"run": "run", "status": "status", "error": "error", "command": "run it again"}
    columns = {name: Column(head, wide=name != "status") for name, head in heads.items()}
    return frame_table(runs[runs["status"] != "ok"], columns, id="failed", title="Failed and unfinished runs")


def runs_section(runs: pd.DataFrame, changed: Sequence[Mapping[str, object]]) -> Table:
    """All runs; a row opens to its command and configuration."""
    known = set(metric_columns(runs))
    shown = [metric for metric in MEASURES if metric.pattern in known] or own_metrics(runs)
    columns = [Column("setting", wide=True), Column("seed", "number", 0)]
    columns += [Column(label) for label in ("status", "study", "data set")]
    columns += [Column("seconds", "number", 1), *(replace(metric_column(metric), kind="number") for metric in shown)]
    rows: list[list[Cell]] = []
    details = []
    for row, differs in zip(runs.to_dict("records"), changed, strict=True):
        cells: list[Cell] = [text(row["setting"] or row["run"]), number(row["seed"]), row["status"]]
        cells += [text(row["study"]), text(row["dataset"]), number(row["seconds"])]
        rows.append([*cells, *(number(row[metric.pattern], metric.scale) for metric in shown)])
        error = {"error": text(row["error"])} if text(row["error"]) else {}
        details.append({"command": row["command"], "folder": row["run"], "config": differs, **error})
    caption = "Open a row for the command that makes the run, and its configuration."
    return Table(id="runs", title="Runs", columns=columns, rows=rows, details=details, caption=caption)


def own_metrics(runs: pd.DataFrame) -> list[Metric]:
    """The first metrics of studies from elsewhere; the package's own studies of many have tables of their own."""
    own = [metric_of(name) for name in metric_columns(runs) if describe(name) is None]
    return own[:MOST_OWN]


def versions_section(versions: Sequence[tuple[str, str, int]]) -> Table:
    """Installed versions, with the number of runs that had them."""
    columns = [Column("package"), Column("version"), Column("runs", "number", 0)]
    return Table(id="versions", title="Versions", columns=columns, rows=versions, folded=True)


def glossary_section(tables: Sequence[Table]) -> Table:
    """Every column of the tables that has an explanation, once."""
    words = {column.label: column.help for table in tables for column in table.columns if column.help}
    columns = [Column("word"), Column("meaning", wide=True)]
    return Table(id="glossary", title="Glossary", columns=columns, rows=list(words.items()), folded=True, sortable=False)
