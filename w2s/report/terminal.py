"""The result of one run, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.report.drawing import labels
from w2s.report.headline import Metrics, headline, left_out, subtitle
from w2s.report.markdown import cell_text
from w2s.report.sections import MEASURES, interval, study_tables_of
from w2s.report.study_tables import StudyTable, study_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType
    from rich.table import Table

PLAIN_ROWS = 40
"""Metrics shown of a study that has neither a headline nor a verdict, and settings of a sweep."""
MOST_TABLES = 3
"""Runs of a sweep whose tables are printed."""
MAIN = ("gain", "mixing/gain", "selection/accuracy")
"""Measures of a sweep that are printed."""


def print_result(results: Mapping[str, Any], page: Path | None = None) -> None:
    """Print the result, and where the page is if there is one, on standard output."""
    from rich.console import Console

    console = Console()
    console.print(result_table(results))
    if page is not None:
        console.print(f"Everything, with figures: {page}", style="cyan", soft_wrap=True)


def print_report(runs: pd.DataFrame, settings: pd.DataFrame) -> None:
    """Print a line per setting, and the tables of studies of many, on standard output."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    measured = settings_lines(settings)
    if len(measured.columns) > 2:
        console.print(measured)
        if len(settings) > PLAIN_ROWS:
            console.print(Text(f"… {len(settings) - PLAIN_ROWS} more settings in the page", style="dim"))
    tables = study_tables_of(runs)
    for title, found in list(tables.items())[:MOST_TABLES]:
        console.print(rich_table(found, title), Text(found.caption, style="dim"))
    if len(tables) > MOST_TABLES:
        console.print(Text("… the tables of more runs in the page", style="dim"))


def settings_lines(settings: pd.DataFrame) -> Table:
    """Setting, seeds, and the main measures with their intervals, where there are any."""
    table = empty("")
    table.add_column("setting", style="bold", overflow="fold")
    table.add_column("seeds", justify="right")
    shown = [name for name in MAIN if name in settings and settings[name].notna().any()]
    for name in shown:
        table.add_column(MEASURES[name][0], justify="right")
    names = labels(list(dict.fromkeys(settings["setting"]))) if len(settings) else {}
    for row in settings.head(PLAIN_ROWS).to_dict("records"):
        cells = [cell_text(interval(row, name, MEASURES[name][1]), MEASURES[name][2]) for name in shown]
        table.add_row(names[row["setting"]] or row["study"], str(row["seeds"]), *cells)
    return table


def result_table(results: Mapping[str, Any]) -> RenderableType:
    """What `results` (the content of `results.json`) found, and what was skipped and why."""
    from rich.console import Group
    from rich.text import Text

    metrics = results["metrics"]
    found = study_table(metrics)
    below: list[RenderableType] = []
    if found is not None:
        below += [rich_table(found, subtitle(results)), Text(found.caption, style="dim")]
    else:
        below.append(headline_table(metrics, subtitle(results)))
    if results["status"] != "ok":
        below.append(Text(f"failed: {results['error']}", style="red"))
    below += [Text(text, style="yellow" if whole else "dim") for text, whole in left_out(results["skipped"])]
    below += [Text(f"note: {note}", style="yellow") for note in results.get("notes", ())]
    if found is None and any("low" in name for name in metrics):
        below.append(Text("Intervals are about these trained models, over test points.", style="dim"))
    return Group(*below)


def rich_table(found: StudyTable, title: str) -> Table:
    """A row per detector, policy, estimator or level."""
    table = empty(title)
    for k, column in enumerate(found.columns):
        table.add_column(column, style="" if k else "bold", justify="right" if k else "left", no_wrap=k == 0)
    for row in found.rows:
        table.add_row(*row)
    return table


def headline_table(metrics: Metrics, title: str) -> Table:
    """The lines of the headline by topic; where there are none, the first metrics, and how many more there are."""
    table = empty(title)
    lines = headline(metrics)
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    if not lines:
        for name, value in list(metrics.items())[:PLAIN_ROWS]:
            table.add_row(name, "undefined" if value is None else f"{value:.4g}")
        if len(metrics) > PLAIN_ROWS:
            table.add_row(f"… {len(metrics) - PLAIN_ROWS} more in results.json", "")
        return table
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", style="dim")
    previous = None
    for line in lines:
        if previous not in (None, line.topic):
            table.add_section()
        previous = line.topic
        table.add_row(line.label, line.value, line.interval, line.remark)
    return table


def empty(title: str) -> Table:
    """A table without columns."""
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
