"""The figures and the page of one run: cheap enough to end the run with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from w2s.errors import DataError, require
from w2s.report.figures.run import CAPTIONS, draw
from w2s.report.figures.style import inline_svg, save
from w2s.report.findings import run_findings
from w2s.report.headline import left_out, subtitle
from w2s.report.load import Run, read_run
from w2s.report.page import Page, Picture
from w2s.report.run_sections import (
    config_section,
    metrics_sections,
    origin_section,
    regions_section,
    result_section,
)
from w2s.report.study_tables import study_table
from w2s.results.files import FIGURES, PAGE
from w2s.utils.files import write_text
from w2s.utils.optional import optional

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_run_report(folder: Path) -> Path:
    """Draw the run's figures into `figures/` and write `report.html` beside its `results.json`; returns the page's path.

    Raises:
        DataError: no run has ended there, or its results are damaged.
    """
    run = read_run(folder)
    require(run.results is not None, f"{folder}: no run has ended there.", DataError)
    path = folder / PAGE
    write_text(path, run_page(run, pictures(draw(run), folder / FIGURES, CAPTIONS)).html())
    return path


def pictures(figures: Iterable[tuple[str, Figure]], folder: Path, captions: dict[str, str]) -> list[Picture]:
    """Each figure as PNG and PDF in the folder, and as a picture for the page."""
    found = []
    for name, figure in figures:
        picture = optional(f"the figure {name}", partial(_picture, name, figure, folder, captions[name]))
        found += [] if picture is None else [picture]
    return found


def _picture(name: str, figure: Figure, folder: Path, caption: str) -> Picture:
    for kind in ("png", "pdf"):
        save(figure, folder / f"{name}.{kind}")
    return Picture(name, name.replace("_", " "), inline_svg(figure, name), caption)


def run_page(run: Run, figures: Sequence[Picture]) -> Page:
    """The page of one run: what it found first, then what a reader must know, then everything else folded away."""
    results = run.ended
    tables = [
        regions_section(results.metrics),
        *metrics_sections(results.metrics),
        config_section(results),
        origin_section(run.folder, results),
    ]
    seconds = sum(results.seconds.values())
    return Page(
        title=f"w2s · {results.experiment or results.study}",
        subtitle=f"{subtitle(results)} · {seconds:.1f} s",
        findings=run_findings(results.metrics),
        answer=[result_section(results)],
        remarks=remarks_on(run),
        figures=figures,
        tables=[table for table in tables if table.rows],
        command=run.command,
        footer=f"{run.folder} · signature {results.signature} · w2s {results.versions.get('w2s', '')}",
    )


def remarks_on(run: Run) -> list[tuple[Literal["", "warn", "bad"], str]]:
    """What a reader of the numbers must know."""
    results = run.ended
    remarks: list[tuple[Literal["", "warn", "bad"], str]] = []
    if not results.ok:
        remarks.append(("bad", f"{results.status}: {results.error}"))
    remarks += [("warn" if whole else "", text) for text, whole in left_out(results.skipped)]
    own = study_table(results.metrics)
    if own is not None and not own.rows:
        remarks.append(("warn", own.caption))
    return remarks + [("warn", note) for note in results.notes]
