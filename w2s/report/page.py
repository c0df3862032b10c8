"""One HTML page that needs nothing but itself: tables as JSON that a small script sorts and filters, figures as SVG."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

TEMPLATE = Path(__file__).with_name("page.html.j2")
SIGNIFICANT = 6
"""Digits of a number in the page; the files beside it hold all."""

Cell = str | float | int | None | tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    label: str
    kind: Literal["text", "number", "interval"] = "text"
    """An interval's cells are (value, low, high)."""
    digits: int | None = None
    """Digits after the point; None shows a number as it is."""
    help: str = ""
    wide: bool = False
    """Long text."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the page."""

    id: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    details: Sequence[Mapping[str, Any]] | None = None
    """What a row shows when it is opened: command, error, folder, config (settings that differ from the page's)."""
    first: bool = False
    """Whether it stands above the figures."""
    sortable: bool = True


@dataclass(frozen=True)
class Picture:
    """A figure of the page."""

    title: str
    svg: str
    caption: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that the page shows."""

    title: str
    subtitle: str
    tables: Sequence[Table]
    figures: Sequence[Picture] = ()
    remarks: Sequence[tuple[Literal["", "warn", "bad"], str]] = ()
    command: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Flat settings that the runs' own differ from."""
    footer: str = ""

    @property
    def sections(self) -> list[tuple[str, str]]:
        """(id, title) in the order of the page."""
        first = [(table.id, table.title) for table in self.tables if table.first]
        rest = [(table.id, table.title) for table in self.tables if not table.first]
        command = [("command", "The command")] if self.command else []
        return [*first, *([("figures", "Figures")] if self.figures else []), *rest, *command]

    def html(self) -> str:
        """The page."""
        import jinja2

        tables = {
            table.id: {
                "columns": [asdict(column) for column in table.columns],
                "rows": [[short(value) for value in row] for row in table.rows],
                "sortable": table.sortable,
                "details": None if table.details is None else list(table.details),
            }
            for table in self.tables
        }
        environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(page=self, data=embedded({"tables": tables, "config": dict(self.config)}))


def short(value: Any) -> Any:
    """A cell as JSON takes it: numbers to `SIGNIFICANT` digits, NaN as null."""
    if isinstance(value, tuple):
        return [short(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT}g}") if math.isfinite(value) else None
    return value


def embedded(value: Any) -> str:
    """JSON that cannot end the `<script>` element it stands in."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=str).replace("<", "\\u003c")
