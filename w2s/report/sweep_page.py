"""The report over many runs: one page, Markdown, LaTeX, tables and figures in a folder of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from w2s.errors import DataError, require
from w2s.report.collect import Collected, collect
from w2s.report.compare import MOST_SETTINGS
from w2s.report.exports import latex, markdown, write_tables
from w2s.report.figures.run import CAPTIONS as RUN_CAPTIONS
from w2s.report.figures.sweep import CAPTIONS, MOST_DRAWN, draw
from w2s.report.mixing_controls import controls_section
from w2s.report.page import Page, Picture
from w2s.report.run_page import pictures
from w2s.report.study_tables import study_tables
from w2s.report.sweep_tables import (
    contrasts_section,
    failures_section,
    glossary_section,
    runs_section,
    settings_section,
    versions_section,
)
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
    made = Report(target, folders, collected)
    path = target
    for name in formats or FORMATS:
        path = FORMATS[name](made)
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


@dataclass(frozen=True)
class Report:
    """What is written about many runs, each part made once."""

    target: Path
    folders: Sequence[Path]
    collected: Collected

    @property
    def title(self) -> str:
        """The name of the first folder."""
        return self.folders[0].resolve().name

    @cached_property
    def answer(self) -> list[Table]:
        """The tables above the figures."""
        of_studies, factors = study_tables(self.collected.runs), contrasts_section(self.collected.contrasts, "factor")
        return [table for table in (settings_section(self.collected), *of_studies, factors) if table.rows]

    @cached_property
    def below(self) -> list[Table]:
        """The tables below the figures."""
        collected = self.collected
        below = [
            controls_section(collected.families),
            contrasts_section(collected.contrasts, "setting"),
            failures_section(collected.runs),
            runs_section(collected.runs, collected.changed),
            versions_section(collected.versions),
        ]
        shown = [table for table in below if table.rows]
        return [*shown, glossary_section([*self.answer, *shown])]

    def page(self, figures: list[Picture]) -> Page:
        """The page over all runs."""
        collected = self.collected
        counts = collected.runs["status"].value_counts()
        sizes = f"{counted(len(collected.runs), 'run')} · {counted(len(collected.settings), 'setting')}"
        remarks: list[tuple[Any, str]] = []
        if len(collected.runs) > counts.get("ok", 0):
            remarks.append(("bad", ", ".join(f"{count} {status}" for status, count in counts.items() if status != "ok")))
        if len(collected.settings) > MOST_DRAWN:
            remarks.append(("", f"Figures show at most {MOST_DRAWN} of {len(collected.settings)} settings, a panel each."))
        if len(collected.settings) > MOST_SETTINGS:
            remarks.append(("", f"With more than {MOST_SETTINGS} settings, each is compared with the first one alone."))
        return Page(
            title=f"w2s · {self.title}",
            subtitle=f"{sizes} · {counts.get('ok', 0)} finished",
            findings=collected.findings,
            answer=self.answer,
            remarks=remarks,
            figures=figures,
            tables=self.below,
            config=collected.base,
            footer=f"Made from {', '.join(map(str, self.folders))}. The tables lie beside this page as parquet and csv.",
        )

    def html(self) -> Path:
        """The page, and its figures as files."""
        figures = pictures(draw(self.collected), self.target / FIGURES, RUN_CAPTIONS | CAPTIONS)
        return self._text("index.html", self.page(figures).html())

    def markdown(self) -> Path:
        """Findings and tables for a pull request."""
        return self._text("report.md", markdown(self.title, self.collected, [*self.answer, *self.below]))

    def latex(self) -> Path:
        """Findings and the main tables for a paper."""
        return self._text("report.tex", latex(self.title, self.collected.findings, [*self.answer, *self.below[:1]]))

    def csv(self) -> Path:
        """All numbers, as parquet too."""
        return write_tables(self.target, self.collected)

    def _text(self, name: str, content: str) -> Path:
        write_text(self.target / name, content)
        return self.target / name


FORMATS: dict[str, Callable[[Report], Path]] = {
    "csv": Report.csv,
    "latex": Report.latex,
    "markdown": Report.markdown,
    "html": Report.html,
}
"""Format -> what writes it."""
