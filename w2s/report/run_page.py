"""The figures and the page of one run: cheap enough to end the run with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from w2s.errors import DataError, require
from w2s.report.figures.run import CAPTIONS, draw
from w2s.report.figures.style import inline_svg, save
from w2s.report.findings import run_findings
from w2s.report.headline import headline, left_out, subtitle
from w2s.report.load import FACTS, Run, read_run
from w2s.report.naming import CHOICES, flat
from w2s.report.page import Page, Picture
from w2s.report.point_tables import point_sections
from w2s.report.study_tables import study_table
from w2s.report.tables import Cell, Column, Table, as_interval, measure, metric_column, number
from w2s.results.catalogue import MODELS, base_of, metric_of
from w2s.results.files import FIGURES, LACKING, PAGE
from w2s.results.metric import Metrics
from w2s.results.schema import RunResults
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
    (folder / LACKING).unlink(missing_ok=True)
    for name, figure in figures:
        picture = optional(f"the figure {name}", partial(_picture, name, figure, folder, captions[name]))
        if picture is not None:
            found.append(picture)
        elif folder.is_dir():
            (folder / LACKING).touch()
    return found


def _picture(name: str, figure: Figure, folder: Path, caption: str) -> Picture:
    for kind in ("png", "pdf"):
        save(figure, folder / f"{name}.{kind}")
    return Picture(name, name.replace("_", " "), inline_svg(figure, name), caption)


def run_page(run: Run, figures: Sequence[Picture]) -> Page:
    """The page of one run: what it found first, then what a reader must know, then everything else folded away."""
    results = run.ended
    tables = [
        *point_sections(run),
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


def result_section(results: RunResults) -> Table:
    """The study's own table, or the lines of the headline, below what it ran on."""
    above = {"Ran on": setup(results)}
    own = study_table(results.metrics)
    if own is not None:
        return replace(own, above=above)
    return Table(
        id="result",
        title="Result",
        columns=[Column(""), Column("value"), Column("95 % interval"), Column("remark", wide=True)],
        rows=[(line.label, line.value, line.interval, line.remark) for line in headline(results.metrics, results.facts)],
        caption="Intervals are about these trained models, over test points.",
        sortable=False,
        above=above,
    )


def regions_section(metrics: Metrics) -> Table:
    """Accuracy of the three models by region of the test points."""
    columns = {"all": "accuracy", "easy": "easy", "hard": "hard", "overlap": "overlap", "weak model wrong": "weak_wrong"}
    rows: list[list[Cell]] = [
        [title, *(number(metrics.get(f"{name}/{key}"), 100) for key in columns.values())]
        for name, title in MODELS.items()
        if f"{name}/accuracy" in metrics
    ]
    return Table(
        id="regions",
        title="Accuracy by region, %",
        columns=[Column("model"), *(Column(label, "number", 1) for label in columns)],
        rows=rows,
        caption="Test points by the region the detector gives them, and those that the weak model gets wrong.",
        sortable=False,
    )


def setup(results: RunResults) -> list[tuple[str, str]]:
    """What was it: data set, models and other choices, points in each role, class balance, sources."""
    found = [("data set", results.dataset)] if results.dataset else []
    for group in CHOICES:
        if choice := results.choices.get(group):
            checkpoint = (results.config.get(group) or {}).get("checkpoint") if "model" in group else None
            found.append((group.replace("_", " "), f"{choice} ({checkpoint})" if checkpoint else choice))
    for fact, value in results.facts.items():
        if fact.startswith("points/"):
            found.append((f"points in {fact.removeprefix('points/')}", f"{value:,}"))
        elif fact in FACTS.values():
            found.append((fact, str(value)))
    return found


def metrics_sections(metrics: Metrics) -> list[Table]:
    """All metrics in groups, each with what it means."""
    topics: dict[str, list[list[Cell]]] = {}
    for name in metrics:
        if base_of(name) != name and base_of(name) in metrics:
            continue
        metric = metric_of(name)
        known = measure(replace(metric, pattern=name), metrics)
        shown = "undefined" if known is None else as_interval(metric_column(metric)).shown(known)
        unit = metric.unit if metric.unit in ("%", "points") else ""
        topics.setdefault(metric.topic, []).append([metric.title, shown, unit, metric.explanation, name])
    head = ("metric", "value [95 % interval]", "unit", "meaning", "name")
    columns = [Column(label, wide=label == "meaning") for label in head]
    return [
        Table(id=f"metrics-{k}", title=f"Metrics: {topic}", columns=columns, rows=rows, folded=True)
        for k, (topic, rows) in enumerate(topics.items())
    ]


def config_section(results: RunResults) -> Table:
    """Every setting, with what it sets where that is known."""
    columns = [Column("setting"), Column("value", wide=True)]
    rows = [[key, str(value)] for key, value in flat(results.config).items()]
    return Table(id="config", title="Configuration", columns=columns, rows=rows, folded=True)


def origin_section(folder: Path, results: RunResults) -> Table:
    """Data, code and machine the numbers come from."""
    git = results.git or {}
    pairs: dict[str, Any] = {
        **{f"data: {name}": value for name, value in results.facts.items()},
        "signature": results.signature,
        "attempt": results.attempt,
        "commit": f"{git['commit']}{' with changes' if git.get('changed') else ''}" if git else "outside a repository",
        **{f"seconds: {name}": seconds for name, seconds in results.seconds.items()},
        **{f"version: {name}": value for name, value in results.versions.items()},
        "folder": folder,
    }
    rows = [[name, str(value)] for name, value in pairs.items()]
    return Table(id="origin", title="Origin", columns=[Column(""), Column("value", wide=True)], rows=rows, folded=True)
