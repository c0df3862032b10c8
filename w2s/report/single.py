"""The figures and the page of one run: cheap enough to end the run with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.report.aggregate import damaged
from w2s.report.config import flat
from w2s.report.drawing import inline_svg, save_png
from w2s.report.headline import headline, left_out, subtitle
from w2s.report.load import read_run
from w2s.report.page import Column, Page, Picture, Table
from w2s.report.sections import study_section
from w2s.report.study_tables import study_table
from w2s.utils.files import write_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CAPTIONS = {
    "mixing": "Students trained on equally many points, with a growing share of overlap points, and the controls of that "
    "size. Bands: 95 % over the draws of the points.",
    "scores": "What the detector saw in the pool. Dashed: the thresholds it separated the regions with, where it used any.",
    "selection": "Round by round: the student on everything bought so far, the overlap density of what was bought, and the "
    "regret against always buying from the densest source.",
    "levels": "Means over runs with 95 % t bands, by the number of overlap points.",
    "detection": "Means over seeds. Blue is better; the oracle picks exactly the planted overlap points.",
    "picks": "All picks of a data set and seed are of one size.",
    "arena": "Mean, and the range from the 5 % to the 95 % quantile of the games; the axis is linear below 1, logarithmic "
    "above. All policies are in `arena.parquet`.",
    "audit": "Means over repetitions. The densest source is named by the highest estimate.",
}


def write_run_report(folder: Path) -> Path:
    """Draw the run's figures into `figures/` and write `report.html` beside its `results.json`; returns the page's path."""
    results = read_run(folder).results
    pictures = []
    for name, figure in draw(folder, results.get("metrics", {})).items():
        save_png(figure, folder / "figures" / f"{name}.png")
        pictures.append(Picture(name, inline_svg(figure), CAPTIONS[name]))
    path = folder / "report.html"
    write_text(path, run_page(folder, results, pictures).html())
    return path


def draw(folder: Path, metrics: Mapping[str, float | None]) -> dict[str, Figure]:
    """The figures that the run's tables have something to show for, by name."""
    from w2s.report import figures

    drawn: dict[str, Figure] = {}
    curve, points, rounds = (read_table(folder, name) for name in ("curve", "points", "rounds"))
    if curve is not None and "share" in curve:
        known = {name: metrics.get(f"{name}/accuracy") for name in ("weak", "ceiling")}
        drawn["mixing"] = figures.mixing_curve(curve, {name: value for name, value in known.items() if value is not None})
    if points is not None and (points["region"] != "unknown").any():
        drawn["scores"] = figures.score_histogram(points)
    if rounds is not None:
        drawn["selection"] = figures.selection_rounds(rounds)
    return drawn | draw_study(folder)


def draw_study(folder: Path) -> dict[str, Figure]:
    """The figures of the studies that have tables of their own."""
    from w2s.report import study_figures as figures

    drawings: dict[str, tuple[str, str, Callable[[pd.DataFrame], Figure]]] = {
        "levels": ("curve", "n_overlap", figures.overlap_levels),
        "detection": ("detection_summary", "behind", figures.detection_table),
        "picks": ("picks_gains", "gain", figures.picks_gains),
        "arena": ("curve", "regret", figures.arena_regret),
        "audit": ("audit", "right_source", figures.audit_errors),
    }
    drawn: dict[str, Figure] = {}
    for name, (table, column, figure) in drawings.items():
        frame = read_table(folder, table)
        if frame is not None and column in frame:
            drawn[name] = figure(frame)
    return drawn


def read_table(folder: Path, name: str) -> pd.DataFrame | None:
    """A table of the run, or None where it left none that is whole."""
    import pandas as pd

    path = folder / f"{name}.parquet"
    return pd.read_parquet(path) if path.is_file() and not damaged(path) else None


def run_page(folder: Path, results: Mapping[str, Any], figures: list[Picture]) -> Page:
    """The page of one run."""
    metrics = results.get("metrics", {})
    tables = [
        result_section(metrics),
        regions_table(metrics),
        Table(
            id="metrics",
            title="All metrics",
            columns=[Column("metric"), Column("value", "number")],
            rows=list(metrics.items()),
        ),
        pairs_table("config", "Configuration", flat(results.get("config", {}))),
        pairs_table("origin", "Origin", origin(folder, results)),
    ]
    remarks: list[tuple[Any, str]] = (
        [] if results["status"] == "ok" else [("bad", f"{results['status']}: {results['error']}")]
    )
    remarks += [("warn" if whole else "", text) for text, whole in left_out(results.get("skipped", {}))]
    found = study_table(metrics)
    remarks += [("warn", found.caption)] if found is not None and not found.rows else []
    remarks += [("warn", note) for note in results.get("notes", ())]
    seconds = sum(results.get("seconds", {}).values())
    return Page(
        title=f"w2s · {results.get('experiment') or results.get('study') or 'unfinished run'}",
        subtitle=f"{subtitle(results)} · {seconds:.1f} s" if "study" in results else str(folder),
        tables=[table for table in tables if table is not None and table.rows],
        figures=figures,
        remarks=remarks,
        command=read_run(folder).command,
        footer=f"{folder} · signature {results.get('signature')} · w2s {results.get('versions', {}).get('w2s', '')}",
    )


def result_section(metrics: Mapping[str, float | None]) -> Table:
    """The study's verdict, or the lines of the headline."""
    found = study_table(metrics)
    if found is not None:
        return study_section(found, name="result", title="Result")
    return Table(
        id="result",
        title="Result",
        columns=[Column(""), Column("value"), Column("95 % interval"), Column("remark", wide=True)],
        rows=[(line.label, line.value, line.interval, line.remark) for line in headline(metrics)],
        caption="Intervals are about these trained models, over test points.",
        first=True,
        sortable=False,
    )


def regions_table(metrics: Mapping[str, float | None]) -> Table | None:
    """Accuracy of the three models by region of the test points."""
    columns = {"all": "accuracy", "easy": "easy", "hard": "hard", "overlap": "overlap", "weak model wrong": "weak_wrong"}
    models = [name for name in ("weak", "student", "ceiling") if f"{name}/accuracy" in metrics]
    return Table(
        id="regions",
        title="Accuracy by region",
        columns=[Column("model"), *(Column(label, "number", 3) for label in columns)],
        rows=[(name, *(metrics.get(f"{name}/{key}") for key in columns.values())) for name in models],
        caption="Test points by the region the detector gives them, and those that the weak model gets wrong.",
    )


def pairs_table(name: str, title: str, pairs: Mapping[str, Any]) -> Table:
    """Two columns: what, and its value."""
    rows = [(key, str(value)) for key, value in pairs.items()]
    return Table(id=name, title=title, columns=[Column("setting" if name == "config" else ""), Column("value")], rows=rows)


def origin(folder: Path, results: Mapping[str, Any]) -> dict[str, Any]:
    """Data, code and machine the numbers come from."""
    git = results.get("git") or {}
    return {
        **{f"data: {name}": value for name, value in results.get("facts", {}).items()},
        "signature": results.get("signature"),
        "attempt": results.get("attempt"),
        "commit": f"{git['commit']}{' with changes' if git.get('changed') else ''}" if git else "outside a repository",
        **{f"seconds: {name}": seconds for name, seconds in results.get("seconds", {}).items()},
        **{f"version: {name}": value for name, value in results.get("versions", {}).items()},
        "folder": folder,
    }
