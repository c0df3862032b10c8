"""The report over many runs: one page, Markdown, LaTeX, tables and figures in a folder of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from w2s.errors import DataError, require
from w2s.report.collect import Collected, collect
from w2s.report.compare import MOST_SETTINGS
from w2s.report.controls import controls_section
from w2s.report.exports import latex, markdown, write_tables
from w2s.report.figures.run import CAPTIONS as RUN_CAPTIONS
from w2s.report.figures.sweep import CAPTIONS, MOST_DRAWN, draw
from w2s.report.one_run import pictures
from w2s.report.page import Page, Picture
from w2s.report.sections import (
    contrasts_section,
    failures_section,
    glossary_section,
    runs_section,
    settings_section,
    versions_section,
)
from w2s.report.study_tables import study_tables
from w2s.report.tables import Table, counted
from w2s.results.files import FIGURES
from w2s.utils.files import read_json, write_json, write_text
from w2s.utils.reading import reading

FOLDER = "report"
SELECTION = "selection.json"
"""File beside the report that says which folders it was made from."""

log = logging.getLogger(__name__)


def report(
    folders: Sequence[Path], out: Path | None = None, *, formats: Sequence[str] = (), baseline: str | None = None
) -> Path:
    """Read all runs at or below `folders`, and write the report; returns the path of the last file written.

    Args:
        folders: sweeps, runs, or folders that hold some.
        out: where to write; None: `report/` in the first folder.
        formats: of `FORMATS`; none: all of them.
        baseline: name of the setting that the others are compared with; None compares every pair.

    Raises:
        DataError: a folder does not exist, none holds a run, or `out` holds something else.
    """
    return write(folders, collect(folders, baseline), out, formats=formats)


def write(folders: Sequence[Path], collected: Collected, out: Path | None = None, *, formats: Sequence[str] = ()) -> Path:
    """Write the report on what was collected; returns the path of the last file written."""
    target = folders[0] / FOLDER if out is None else out
    claim(target, folders)
    title = folders[0].resolve().name
    path = target
    for name in formats or FORMATS:
        path = FORMATS[name](target, title, folders, collected)
    runs, settings = counted(len(collected.runs), "run"), counted(len(collected.settings), "setting")
    log.info("%s, %s: %s", runs, settings, path)
    return path


def claim(target: Path, folders: Sequence[Path]) -> None:
    """Make the folder, and note which runs it is about.

    Raises:
        DataError: it holds the report on other runs, or anything else.
    """
    mine = [str(folder.resolve()) for folder in folders]
    note = target / SELECTION
    if target.exists() and any(target.iterdir()):
        require(note.is_file(), f"{target} holds something else. Give an empty or a new folder: -o OUT", DataError)
        with reading(f"{target} holds a damaged {SELECTION}", DataError, "Give another folder: -o OUT"):
            others = read_json(note)
        require(
            others == mine, f"{target} holds the report on other runs ({others}). Give another folder: -o OUT", DataError
        )
    target.mkdir(parents=True, exist_ok=True)
    write_json(note, mine)


def tables_of(collected: Collected) -> tuple[list[Table], list[Table]]:
    """The tables above the figures, and those below them."""
    answer = [settings_section(collected), *study_tables(collected.runs), contrasts_section(collected.contrasts, "factor")]
    below = [
        controls_section(collected.families),
        contrasts_section(collected.contrasts, "setting"),
        failures_section(collected.runs),
        runs_section(collected.runs, collected.changed),
        versions_section(collected.versions),
    ]
    shown = [[table for table in part if table.rows] for part in (answer, below)]
    return shown[0], [*shown[1], glossary_section([*shown[0], *shown[1]])]


def sweep_page(title: str, folders: Sequence[Path], collected: Collected, figures: list[Picture]) -> Page:
    """The page over all runs."""
    counts = collected.runs["status"].value_counts()
    sizes = f"{counted(len(collected.runs), 'run')} · {counted(len(collected.settings), 'setting')}"
    answer, below = tables_of(collected)
    remarks: list[tuple[Any, str]] = []
    if len(collected.runs) > counts.get("ok", 0):
        remarks.append(("bad", ", ".join(f"{count} {status}" for status, count in counts.items() if status != "ok")))
    if len(collected.settings) > MOST_DRAWN:
        remarks.append(("", f"Figures show at most {MOST_DRAWN} of {len(collected.settings)} settings, a panel each."))
    if len(collected.settings) > MOST_SETTINGS:
        remarks.append(("", f"With more than {MOST_SETTINGS} settings, each is compared with the first one alone."))
    return Page(
        title=f"w2s · {title}",
        subtitle=f"{sizes} · {counts.get('ok', 0)} finished",
        findings=collected.findings,
        answer=answer,
        remarks=remarks,
        figures=figures,
        tables=below,
        config=collected.base,
        footer=f"Made from {', '.join(map(str, folders))}. The tables lie beside this page as parquet and csv.",
    )


def _write_html(target: Path, title: str, folders: Sequence[Path], collected: Collected) -> Path:
    figures = pictures(draw(collected), target / FIGURES, RUN_CAPTIONS | CAPTIONS)
    write_text(target / "index.html", sweep_page(title, folders, collected, figures).html())
    return target / "index.html"


def _write_markdown(target: Path, title: str, folders: Sequence[Path], collected: Collected) -> Path:  # noqa: ARG001
    answer, below = tables_of(collected)
    write_text(target / "report.md", markdown(title, collected, [*answer, *below]))
    return target / "report.md"


def _write_latex(target: Path, title: str, folders: Sequence[Path], collected: Collected) -> Path:  # noqa: ARG001
    answer, below = tables_of(collected)
    write_text(target / "report.tex", latex(title, collected.findings, [*answer, *below[:1]]))
    return target / "report.tex"


def _write_csv(target: Path, title: str, folders: Sequence[Path], collected: Collected) -> Path:  # noqa: ARG001
    return write_tables(target, collected)


FORMATS: dict[str, Callable[[Path, str, Sequence[Path], Collected], Path]] = {
    "csv": _write_csv,
    "latex": _write_latex,
    "markdown": _write_markdown,
    "html": _write_html,
}
"""Format -> what writes it."""
