"""The report as Markdown: for a pull request, a lab book, a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.report.page import Table
from w2s.report.sections import comparisons_section, counted, failures_section, settings_section, study_sections

if TYPE_CHECKING:
    from w2s.report.sweep import Collected

MOST_ROWS = 50


def markdown(folders: Sequence[Path], collected: Collected) -> str:
    """Settings, comparisons and failures; the figures by their relative paths."""
    counts = collected.runs["status"].value_counts()
    states = ", ".join(f"{count} {status}" for status, count in counts.items())
    parts = [
        f"# {folders[0].resolve().name}",
        f"{counted(len(collected.runs), 'run')} ({states}), {counted(len(collected.settings), 'setting')}.",
    ]
    for section in (
        settings_section(collected.settings),
        *study_sections(collected.runs),
        comparisons_section(collected.comparisons),
        failures_section(collected.runs),
    ):
        if section.rows:
            parts += [f"## {section.title}", section.caption, table_text(section)]
    parts.append(
        "The figures lie in `figures/`, all numbers in `runs.parquet`, `settings.parquet` and `comparisons.parquet`."
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def table_text(table: Table) -> str:
    """The first rows of a table in Markdown."""
    lines = [row_text([column.label for column in table.columns]), row_text(["---" for _ in table.columns])]
    for row in table.rows[:MOST_ROWS]:
        lines.append(row_text([cell_text(value, column.digits) for value, column in zip(row, table.columns, strict=True)]))
    if len(table.rows) > MOST_ROWS:
        lines.append(f"\n{len(table.rows) - MOST_ROWS} more rows in the files beside this one.")
    return "\n".join(lines)


def row_text(cells: Sequence[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def cell_text(value: object, digits: int | None) -> str:
    """A cell: text, a number, or a value with its interval."""
    if isinstance(value, tuple):
        middle, low, high = (cell_text(part, digits) for part in value)
        return f"{middle} [{low}, {high}]" if low else middle
    if isinstance(value, float) and digits is not None:
        return f"{value:.{digits}f}"
    return "" if value is None else str(value)
