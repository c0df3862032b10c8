"""One table for a paper: settings x metrics, with intervals, and marks of what a joint test tells apart."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from w2s.errors import DataError, require
from w2s.report.aggregate import MEASURES
from w2s.report.collect import Collected
from w2s.report.compare import Contrast, against
from w2s.report.exports import latex, markdown_table
from w2s.report.families import Family
from w2s.report.sweep_tables import setup
from w2s.report.tables import Cell, Column, Table, as_interval, counted, measure, metric_column, with_ends
from w2s.results.catalogue import metric_of
from w2s.results.metric import Metric, Shown
from w2s.utils.text import for_markdown, texts_for_csv

BETTER, WORSE = "*", "†"
MARKS = {"better": BETTER, "worse": WORSE}


@dataclass(frozen=True)
class Row:
    """A setting over its seeds."""

    family: Family
    place: int
    """In the family's settings."""
    values: dict[Any, Any]
    """Its row of the table of settings."""

    @property
    def name(self) -> str:
        """The setting's."""
        return self.family.settings[self.place].name


def paper_table(collected: Collected, baseline: str | None = None, metrics: Sequence[str] = ()) -> Table:
    """Settings x metrics: value [95 % interval], a mark where the joint test over seeds tells it from the baseline.

    Args:
        collected: the runs.
        baseline: name of the setting that the others are tested against; None marks nothing.
        metrics: their names; none: those of `MEASURES` that settings are compared by, as far as a run has them.

    Raises:
        DataError: no run has one of the metrics.
    """
    rows, columns = _rows(collected), list(_columns(collected, metrics))
    shown = [[as_interval(metric_column(metric)).shown(measure(metric, row.values)) for metric in columns] for row in rows]
    for j, metric in enumerate(columns):
        tested = _tested(rows, metric, baseline)
        for i in range(len(rows)):
            shown[i][j] += MARKS.get(tested[i].verdict, "") if i in tested else ""
    several = len({row.family.dataset for row in rows}) > 1
    head = [Column("data set")] if several else []
    heads = [*head, Column("setting"), Column("seeds", "number", 0), *(Column(m.label, "number") for m in columns)]
    lead: list[list[Cell]] = [
        [*([row.family.dataset] if several else []), row.name, int(row.values["seeds"])] for row in rows
    ]
    caption = "Mean over seeds [95 % interval]: of accuracies and gains over seeds and test points, of others over seeds."
    if baseline is not None:
        caption += f" {BETTER} better and {WORSE} worse than {baseline} by a joint test over seeds (max-T, .05)."
    table = [[*first, *rest] for first, rest in zip(lead, shown, strict=True)]
    return Table(id="paper", title=_title(collected, rows), columns=heads, rows=table, caption=caption)


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

    rows, found = _rows(collected), []
    for metric in _columns(collected, metrics):
        tested = _tested(rows, metric, baseline)
        for i, row in enumerate(rows):
            value, low, high = with_ends(row.values, metric.pattern)
            told = {"dataset": row.family.dataset, "setting": row.name, "seeds": row.values["seeds"]}
            line = {**told, "metric": metric.pattern, "value": value, "low": low, "high": high}
            test = tested.get(i)
            if test is not None:
                line |= {"difference": test.difference, "p_joint": test.p, "verdict": test.verdict}
            found.append(line)
    written = io.StringIO()
    texts_for_csv(pd.DataFrame(found)).to_csv(written, index=False)
    return written.getvalue()


def _rows(collected: Collected) -> list[Row]:
    known = {row["signature"]: row for row in collected.settings.to_dict("records")}
    return [
        Row(family, place, known[setting.signature])
        for family in collected.families
        for place, setting in enumerate(family.settings)
    ]


def _columns(collected: Collected, names: Sequence[str]) -> Iterator[Metric]:
    for metric in map(metric_of, names) if names else MEASURES:
        there = metric.pattern in collected.settings and bool(collected.settings[metric.pattern].notna().any())
        require(there or not names, f"--metrics {metric.pattern}: no setting has it over its seeds.", DataError)
        if there and (names or metric.shown >= Shown.COMPARED):
            yield metric


def _tested(rows: Sequence[Row], metric: Metric, baseline: str | None) -> dict[int, Contrast]:
    """Position of a row -> its difference to the baseline, tested jointly with those of its family."""
    found: dict[int, Contrast] = {}
    if baseline is None:
        return found
    for family in {id(row.family): row.family for row in rows}.values():
        home = {place: group.name for group in family.groups(metric) for place in group.members}
        tests = {each.first: each for each in against(family, metric, baseline)}
        found |= {
            i: tests[home[row.place]]
            for i, row in enumerate(rows)
            if row.family is family and home.get(row.place) in tests and row.name != baseline
        }
    return found


def _title(collected: Collected, rows: Sequence[Row]) -> str:
    same = dict(setup(collected.runs))
    on = f" on {same['data set']}" if "data set" in same else ""
    return f"{counted(len(rows), 'setting')}{on}"
