"""The result of one run, and of many, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.report.collect import Collected
from w2s.report.findings import run_findings
from w2s.report.headline import Line, headline, left_out, subtitle
from w2s.report.study_tables import study_table, study_tables
from w2s.report.sweep_tables import settings_section
from w2s.report.tables import Table
from w2s.results.metric import Prominence
from w2s.results.schema import RunResults
from w2s.utils.text import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as RichTable

PLAIN_ROWS = 40
"""Metrics shown of a study that has neither a headline nor a table of its own, and settings of a sweep."""
MOST_TABLES = 3
"""Runs of a sweep whose tables are printed."""
LONG = 2_000
"""Characters of a message."""


def print_result(results: RunResults, page: Path | None = None) -> None:
    """Print the result, and where the page is if there is one, on standard output."""
    from rich.console import Console

    console = Console()
    console.print(result_table(results))
    if page is not None:
        console.print(for_terminal(f"Everything, with figures: {page}", "cyan", LONG), soft_wrap=True)


def print_report(collected: Collected) -> None:
    """Print what was found, what differs between the settings, and the tables of studies of many, on standard output."""
    from rich.console import Console

    console = Console()
    for sentence in collected.findings:
        console.print(for_terminal(sentence, longest=LONG))
    own = study_tables(collected.runs)
    for table in (settings_section(collected, Prominence.MAIN), *own[:MOST_TABLES]):
        if table.rows and len(table.columns) > 1:
            console.print(*rich_parts(table), sep="\n")
    if len(own) > MOST_TABLES:
        console.print(for_terminal("… the tables of more runs in the page", "dim"))


def rich_parts(table: Table) -> list[RenderableType]:
    """What is the same in all rows, the first rows, how many more there are, and the caption."""
    parts: list[RenderableType] = [for_terminal(line, "dim", LONG) for line in table.lines_above()]
    shown = empty(table.title)
    columns = {k: column for k, column in enumerate(table.columns) if not column.aside}
    for k, column in columns.items():
        style, justify = ("", "right") if column.kind != "text" else ("bold" if k == 0 else "", "left")
        shown.add_column(for_terminal(column.label), style=style, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in table.rows[:PLAIN_ROWS]:
        shown.add_row(*(for_terminal(column.shown(row[k])) for k, column in columns.items()))
    parts.append(shown)
    if len(table.rows) > PLAIN_ROWS:
        parts.append(for_terminal(f"… {len(table.rows) - PLAIN_ROWS} more in the page", "dim"))
    return [*parts, for_terminal(table.caption, "dim", LONG)] if table.caption else parts


def result_table(results: RunResults) -> RenderableType:
    """What a run found in sentences and in a table, and what was skipped and why."""
    from rich.console import Group
    from rich.text import Text

    lines = headline(results.metrics, results.facts)
    own = study_table(results.metrics)
    found = run_findings(results.metrics)
    below: list[RenderableType] = [for_terminal(" ".join(found), longest=LONG), Text()] if found else []
    if own is not None:
        below += rich_parts(replace(own, title=subtitle(results)))
    else:
        below.append(headline_table(lines, subtitle(results)) if lines else plain_table(results))
    if not results.ok:
        below.append(for_terminal(f"failed: {results.error}", "red", LONG))
    below += [for_terminal(text, "yellow" if whole else "dim", LONG) for text, whole in left_out(results.skipped)]
    below += [for_terminal(f"note: {note}", "yellow", LONG) for note in results.notes]
    return Group(*below)


def headline_table(lines: Sequence[Line], title: str) -> RichTable:
    """The lines of the headline by topic."""
    table = names_and_values(title)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", style="dim")
    previous = None
    for line in lines:
        if previous not in (None, line.topic):
            table.add_section()
        previous = line.topic
        table.add_row(*map(for_terminal, (line.label, line.value, line.interval, line.remark)))
    return table


def plain_table(results: RunResults) -> RichTable:
    """The first metrics of a study without a headline, and how many more there are."""
    table = names_and_values(subtitle(results))
    for name, value in list(results.metrics.items())[:PLAIN_ROWS]:
        table.add_row(for_terminal(name), "undefined" if value is None else f"{value:.4g}")
    if len(results.metrics) > PLAIN_ROWS:
        table.add_row(f"… {len(results.metrics) - PLAIN_ROWS} more in results.json", "")
    return table


def names_and_values(title: str) -> RichTable:
    """A table whose first columns are names and their values."""
    table = empty(title)
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    return table


def empty(title: str) -> RichTable:
    """A table without columns."""
    from rich import box
    from rich.table import Table as RichTable

    return RichTable(
        title=for_terminal(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
