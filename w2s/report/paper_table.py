"""One table for a paper: settings x metrics, with intervals, and marks of what a joint test tells apart."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from w2s.errors import DataError, require
from w2s.report.aggregate import MEASURES
from w2s.report.collect import Collected
from w2s.report.compare import against
from w2s.report.exports import latex, markdown_table
from w2s.report.sweep_tables import setup
from w2s.report.tables import Cell, Column, Table, as_interval, counted, metric_column, number, with_ends
from w2s.results.catalogue import metric_of
from w2s.results.metric import Metric, Prominence
from w2s.utils.text import for_markdown, texts_for_csv

BETTER, WORSE = "*", "†"
MARKS = {"better": BETTER, "worse": WORSE}


def paper_table(collected: Collected, baseline: str | None = None, metrics: Sequence[str] = ()) -> Table:
    """Settings x metrics: value [95 % interval], a mark where the joint test over seeds tells it from the baseline.

    Args:
        collected: the runs.
        baseline: name of the setting that the others are tested against; None marks nothing.
        metrics: their names; none: those of `MEASURES` that settings are compared by, as far as a run has them.

    Raises:
        DataError: no run has one of the metrics.
    """
    settings = [setting for family in collected.families for setting in family.settings]
    several = len({setting.dataset for setting in settings}) > 1
    columns = [Column("data set")] if several else []
    columns += [Column("setting"), Column("seeds", "number", 0)]
    rows: list[list[Cell]] = [
        [*([setting.dataset] if several else []), setting.name, int(collected.row_of[setting.signature]["seeds"])]
        for setting in settings
    ]
    for metric in _metrics(collected, metrics):
        columns.append(Column(metric.label, "number"))
        shown = as_interval(metric_column(metric)).shown
        for row, line in zip(rows, _lines(collected, metric, baseline), strict=True):
            value, low, high = (number(line[key], metric.scale) for key in ("value", "low", "high"))
            row.append(shown((value, low, high)) + MARKS.get(line.get("verdict", ""), ""))
    caption = "Mean over seeds [95 % interval]: of accuracies and gains over seeds and test points, of others over seeds."
    if baseline is not None:
        caption += f" {BETTER} better and {WORSE} worse than {baseline} by a joint test over seeds (max-T, .05)."
    same = dict(setup(collected.runs))
    title = counted(len(rows), "setting") + (f" on {same['data set']}" if "data set" in same else "")
    return Table(id="paper", title=title, columns=columns, rows=rows, caption=caption)


def as_latex(table: Table) -> str:
    r"""A `table` with booktabs' rules, marks raised."""
    text = latex(table.title, (), [table])
    return text.replace(f"]{BETTER}", "]$^{*}$").replace(WORSE, r"$^{\dagger}$")


def as_markdown(table: Table) -> str:
    """The table in Markdown, its caption below."""
    return f"{markdown_table(table)}\n\n{for_markdown(table.caption)}\n"


def as_csv(collected: Collected, baseline: str | None = None, metrics: Sequence[str] = ()) -> str:
    """A row for each setting and metric with every digit: value, low, high, and the test against the baseline."""
    import pandas as pd

    lines = [line for metric in _metrics(collected, metrics) for line in _lines(collected, metric, baseline)]
    written = io.StringIO()
    texts_for_csv(pd.DataFrame(lines)).to_csv(written, index=False)
    return written.getvalue()


def _metrics(collected: Collected, names: Sequence[str]) -> Iterator[Metric]:
    for metric in map(metric_of, names) if names else MEASURES:
        there = metric.pattern in collected.settings and bool(collected.settings[metric.pattern].notna().any())
        require(there or not names, f"--metrics {metric.pattern}: no setting has it over its seeds.", DataError)
        if there and (names or metric.shown >= Prominence.COMPARED):
            yield metric


def _lines(collected: Collected, metric: Metric, baseline: str | None) -> Iterator[dict[str, Any]]:
    """For each setting the metric over its seeds, and its difference to the baseline, tested jointly with its family's."""
    for family in collected.families:
        home = {place: group.name for group in family.groups(metric) for place in group.members}
        tests = {} if baseline is None else {each.first: each for each in against(family, metric, baseline)}
        for place, setting in enumerate(family.settings):
            row = collected.row_of[setting.signature]
            value, low, high = with_ends(row, metric.pattern)
            line = {"dataset": family.dataset, "setting": setting.name, "seeds": row["seeds"], "metric": metric.pattern}
            line |= {"value": value, "low": low, "high": high}
            test = None if setting.name == baseline else tests.get(home.get(place, ""))
            if test is not None:
                line |= {"difference": test.difference, "p_joint": test.p, "verdict": test.verdict}
            yield line
