"""The result of one run, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.report.headline import headline, left_out, subtitle

if TYPE_CHECKING:
    from rich.console import RenderableType


PLAIN_ROWS = 40
"""Metrics shown of a study that has no headline."""


def print_result(results: Mapping[str, Any], page: Path | None = None) -> None:
    """Print the result, and where the page is if there is one, on standard output."""
    from rich.console import Console

    console = Console()
    console.print(result_table(results))
    if page is not None:
        console.print(f"Everything, with figures: {page}", style="cyan", soft_wrap=True)


def result_table(results: Mapping[str, Any]) -> RenderableType:
    """What `results` (the content of `results.json`) found, and what was skipped and why."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=subtitle(results), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", style="bold", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("", style="dim")
    previous = None
    lines = list(headline(results["metrics"]))
    if not lines:
        for name, value in list(results["metrics"].items())[:PLAIN_ROWS]:
            table.add_row(name, "undefined" if value is None else f"{value:.4g}")
    for line in lines:
        if previous not in (None, line.topic):
            table.add_section()
        previous = line.topic
        table.add_row(line.label, line.value, line.interval, line.remark)
    below: list[RenderableType] = [table]
    if results["status"] != "ok":
        below.append(Text(f"failed: {results['error']}", style="red"))
    below += [Text(text, style="yellow" if whole else "dim") for text, whole in left_out(results["skipped"])]
    below += [Text(f"note: {note}", style="yellow") for note in results.get("notes", ())]
    if any("low" in name for name in results["metrics"]):
        below.append(Text("Intervals are about these trained models, over test points.", style="dim"))
    return Group(*below)
