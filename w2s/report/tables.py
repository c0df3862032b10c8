"""Tables that the page, the terminal, Markdown, LaTeX and CSV show alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from w2s.results.metric import Metric

if TYPE_CHECKING:
    import pandas as pd

Interval = tuple[float | None, float | None, float | None]
"""(value, low, high)"""
Cell = str | float | int | None | Interval


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    label: str
    kind: Literal["text", "number", "interval", "picture"] = "text"
    digits: int | None = None
    """Digits after the point; None shows a number as it is."""
    help: str = ""
    """What it is, in one line."""
    wide: bool = False
    """Long text."""
    signed: bool = False
    """Whether positive numbers have a plus."""
    aside: bool = False
    """Shown on the page, and left out where a line has 80 characters."""

    def shown(self, cell: Cell) -> str:
        """A cell as text."""
        if isinstance(cell, tuple):
            value, low, high = cell
            ends = "" if low is None or high is None else f" [{self._number(low)}, {self._number(high)}]"
            return f"{self.shown(value)}{ends}"
        if cell is None:
            return ""
        if self.kind == "picture":
            return "(picture)"
        if isinstance(cell, str):
            return cell
        number = self._number(cell)
        return f"+{number}" if self.signed and cell > 0 and float(number) != 0 else number

    def _number(self, value: float) -> str:
        return str(value) if self.digits is None else f"{round(value, self.digits) + 0.0:.{self.digits}f}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under columns, with what must be known to read them."""

    id: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    details: Sequence[Mapping[str, Any]] | None = None
    """What a row shows when it is opened: command, error, folder, config (settings that differ from the page's)."""
    folded: bool = False
    """Whether the page shows it only when asked."""
    sortable: bool = True
    above: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """What is said once above all rows: lead -> names and values."""

    def lines_above(self) -> list[str]:
        """What is said above the rows, one line a lead."""
        return [
            f"{lead}: {'; '.join(f'{name} {value}' for name, value in pairs)}."
            for lead, pairs in self.above.items()
            if pairs
        ]


def metric_column(metric: Metric) -> Column:
    """The column of a metric: an interval where it has one, scaled to its unit."""
    kind: Literal["number", "interval"] = "interval" if metric.interval else "number"
    return Column(metric.label, kind, metric.digits, metric.explanation, signed=metric.unit == "points")


def as_interval(column: Column) -> Column:
    """The column with room for an interval, which means over seeds have whatever a run has."""
    return replace(column, kind="interval")


def number(value: Any, scale: float = 1.0) -> float | None:
    """The scaled number, or None of what is none."""
    return None if value is None or value != value else float(value) * scale


def with_ends(row: Mapping[Any, Any], name: str, scale: float = 1.0) -> Interval:
    """(value, low, high) of a metric in a row of metrics, scaled; None where there is none."""
    value, low, high = (number(row.get(f"{name}{end}"), scale) for end in ("", "/low", "/high"))
    return value, low, high


def measure(metric: Metric, row: Mapping[Any, Any]) -> Interval | None:
    """(value, low, high) of a metric in a row of metrics, scaled to its unit, or nothing."""
    value, low, high = with_ends(row, metric.pattern, metric.scale)
    return None if value is None else (value, low, high if low is not None else None)


def frame_table(frame: pd.DataFrame, columns: Mapping[str, Column], **described: Any) -> Table:
    """The table of a frame: `columns` says how each of its columns is shown, as far as it has them."""
    known = {name: column for name, column in columns.items() if name in frame}
    cells = [[number(cell) if known[name].kind == "number" else text(cell) for cell in frame[name]] for name in known]
    return Table(columns=list(known.values()), rows=list(map(list, zip(*cells, strict=True))), **described)


def without_constant(table: Table, lead: str) -> Table:
    """The table without the columns that are equal in all of several rows; their one value is said above it."""
    if len(table.rows) < 2:
        return table
    columns = list(zip(*table.rows, strict=True))
    kept = [k for k, cells in enumerate(columns) if len(set(cells)) > 1]
    same = [(column.label, column.shown(table.rows[0][k])) for k, column in enumerate(table.columns) if k not in kept]
    return replace(
        table,
        columns=[table.columns[k] for k in kept],
        rows=[[row[k] for k in kept] for row in table.rows],
        above={**table.above, lead: [(name, value) for name, value in same if value]},
    )


def text(value: Any) -> str:
    """A string, empty for nothing."""
    return "" if value is None or value != value else str(value)


def counted(n: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
