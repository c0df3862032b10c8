"""One HTML page that needs nothing but itself: tables as JSON that a small script sorts and filters, figures as SVG."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from w2s.report.tables import Table
from w2s.utils.text import LONGEST, printable

HERE = Path(__file__).parent
SIGNIFICANT = 6
"""Digits of a number in the page; the files beside it hold all."""
LONG_CELL = 4 * LONGEST
"""Characters of a cell that are shown."""


@dataclass(frozen=True)
class Picture:
    """A figure of the page."""

    name: str
    title: str
    svg: str
    caption: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that the page shows, in its order."""

    title: str
    subtitle: str
    findings: Sequence[str] = ()
    """What was found, in sentences."""
    answer: Sequence[Table] = ()
    """Tables above the remarks and figures."""
    remarks: Sequence[tuple[Literal["", "warn", "bad"], str]] = ()
    figures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    """Tables below the figures."""
    command: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Flat settings that the runs' own differ from."""
    footer: str = ""

    @property
    def sections(self) -> list[tuple[str, str]]:
        """(id, title) in the order of the page."""
        figures = [("figures", "Figures")] if self.figures else []
        command = [("command", "The command")] if self.command else []
        answer, below = ([(table.id, table.title) for table in part] for part in (self.answer, self.tables))
        return [*answer, *figures, *below, *command]

    def html(self) -> str:
        """The page."""
        import jinja2

        environment = jinja2.Environment(
            autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=jinja2.FileSystemLoader(HERE)
        )
        environment.filters["printable"] = lambda text: printable(text, LONG_CELL)
        tables = {table.id: _plain(table) for table in (*self.answer, *self.tables)}
        style, script = ((HERE / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
        data = embedded({"tables": tables, "config": dict(self.config)})
        return environment.get_template("page.html.j2").render(page=self, data=data, style=style, script=script)


def _plain(table: Table) -> dict[str, Any]:
    """A table as the script takes it."""
    return {
        "columns": [asdict(column) for column in table.columns],
        "rows": [
            [value if column.kind == "picture" else short(value) for value, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
        "sortable": table.sortable,
        "details": None if table.details is None else list(table.details),
    }


def short(value: Any) -> Any:
    """A cell as JSON takes it: numbers to `SIGNIFICANT` digits, NaN as null, text on one line and not too long."""
    if isinstance(value, tuple):
        return [short(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT}g}") if math.isfinite(value) else None
    return printable(value, LONG_CELL) if isinstance(value, str) else value


def embedded(value: Any) -> str:
    """JSON that cannot end the `<script>` element it stands in."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=str).replace("<", "\\u003c")
