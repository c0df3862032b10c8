"""The report as Markdown, LaTeX and plain tables: for a pull request, a paper, a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from w2s.report.collect import Collected
from w2s.report.compare import table_of
from w2s.report.tables import Table, counted
from w2s.utils.files import atomic_write
from w2s.utils.text import for_latex, for_markdown, texts_for_csv

MOST_ROWS = 50
APART = ("runs", "versions")
"""Tables that Markdown leaves to the files beside it."""


def markdown(title: str, collected: Collected, tables: Sequence[Table]) -> str:
    """Findings and tables; the figures by their relative paths."""
    counts = collected.runs["status"].value_counts()
    states = ", ".join(f"{count} {status}" for status, count in counts.items())
    parts = [f"# {for_markdown(title)}", *map(for_markdown, collected.findings)]
    parts.append(f"{counted(len(collected.runs), 'run')} ({states}), {counted(len(collected.settings), 'setting')}.")
    for table in tables:
        if table.id not in APART:
            above = map(for_markdown, table.lines_above())
            parts += [f"## {for_markdown(table.title)}", for_markdown(table.caption), *above, markdown_table(table)]
    parts.append(
        "The figures lie in `figures/`, all numbers in `runs.parquet`, `settings.parquet` and `comparisons.parquet`."
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown_table(table: Table) -> str:
    """The first rows of a table in Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in _cells(table, for_markdown)]
    lines.insert(1, f"|{' --- |' * len(table.columns)}")
    if len(table.rows) > MOST_ROWS:
        lines.append(f"\n{len(table.rows) - MOST_ROWS} more rows in the files beside this one.")
    return "\n".join(lines)


def latex(title: str, findings: Sequence[str], tables: Sequence[Table]) -> str:
    r"""Findings and tables, each a `tabular` between booktabs' rules, for `\input` into a paper."""
    parts = [f"% {for_latex(title)}; needs \\usepackage{{booktabs}}", " ".join(map(for_latex, findings))]
    for table in tables:
        caption = " ".join(map(for_latex, (f"{table.title}.", table.caption, *table.lines_above())))
        head, *rows = (" & ".join(row) + r" \\" for row in _cells(table, for_latex))
        columns = "".join("l" if column.kind == "text" else "r" for column in table.columns)
        body = "\n".join(
            [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"]
        )
        label = rf"\label{{tab:{for_latex(table.id)}}}"
        parts.append("\n".join([r"\begin{table}", r"\centering", body, rf"\caption{{{caption}}}{label}", r"\end{table}"]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _cells(table: Table, safe: Callable[[object], str]) -> list[list[str]]:
    """The head and the first rows of a table as text."""
    head = [safe(column.label) for column in table.columns]
    rows = table.rows[:MOST_ROWS]
    return [head, *([safe(column.shown(cell)) for cell, column in zip(row, table.columns, strict=True)] for row in rows)]


def write_tables(target: Path, collected: Collected) -> Path:
    """Runs, settings and comparisons as parquet, with every digit, and as CSV that a spreadsheet may open."""
    frames = {"runs": collected.runs, "settings": collected.settings, "comparisons": table_of(collected.contrasts)}
    for name, frame in frames.items():
        plain = frame.assign(**{key: frame[key].str.join(" ") for key in ("overrides", "members") if key in frame})
        with atomic_write(target / f"{name}.parquet") as partial:
            plain.to_parquet(partial, index=False)
        with atomic_write(target / f"{name}.csv") as partial:
            texts_for_csv(plain).to_csv(partial, index=False)
    return target / "runs.csv"
