"""The terminal shows what was found, what was skipped and why, and where the page is."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from tests.report.runs import write_run
from w2s.report import result_table


def shown(results: dict[str, object], page: Path | None = None) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(result_table(results, page))
    return console.export_text()


def test_numbers_skipped_parts_and_the_page_are_shown(tmp_path: Path) -> None:
    results = write_run(tmp_path / "run", skipped={"mixing": "2 overlap points"}, notes=["a note"])
    text = shown(results, tmp_path / "run" / "report.html")
    assert text.index("gain") < text.index("weak model, acc") < text.index("student, acc") < text.index("ceiling, acc")
    assert "skipped mixing: 2 overlap points" in text
    assert "note: a note" in text
    assert "report.html" in text


def test_a_failed_run_shows_its_error(tmp_path: Path) -> None:
    results = write_run(tmp_path / "run", status="failed", error="DataError: nothing there", metrics={})
    assert "failed: DataError: nothing there" in shown(results)
