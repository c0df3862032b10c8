"""Which figures one run has, and the tables they are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from w2s.report.families import ARTIFICIAL
from w2s.report.load import Run
from w2s.results.files import CURVE, MAP, POINTS, ROUNDS, TRAINING
from w2s.utils.optional import optional

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CAPTIONS = {
    "mixing": "Students trained on equally many points, with a growing share of overlap points, and the controls of that "
    "size. Bands: 95 % over the draws of the points.",
    "scores": "What the detector saw in the pool. Dashed: the thresholds it separated the regions with, where it used any.",
    "training": "Each model against what it was trained on, the student's weak labels and the ceiling's true ones: running "
    "means over a twentieth of the steps.",
    "map": "At most 1,000 points of the pool in two dimensions of the strong representation.",
    "by_source": "The regions of the pool's points in each of the data's own sources, the densest in overlap first.",
    "selection": "Round by round: the student on everything bought so far, the overlap density of what was bought, and the "
    "regret against always buying from the densest source, where there are dates of each period (vertical lines).",
    "levels": "Means over runs with 95 % t bands, by the number of overlap points.",
    "detection": "Means over seeds. Blue is better; the oracle picks exactly the planted overlap points.",
    "picks": "All picks of a data set and seed are of one size.",
    "refinement": "Student's test accuracy, means over seeds. Blue is better.",
    "arena": "Mean, and the range from the 5 % to the 95 % quantile over repetitions; the axis is linear below 1, "
    "logarithmic above. All policies are in `arena.parquet`.",
    "audit": "Means over repetitions. The densest source is named by the highest estimate.",
}


def draw(run: Run) -> Iterator[tuple[str, Figure]]:
    """The figures that the run's tables have something to show for, by name; what cannot be drawn is named in the log."""
    from w2s.report.figures import plots
    from w2s.report.figures import points as point_figures

    curve, points, rounds = (run.table(name) for name in (CURVE, POINTS, ROUNDS))
    if curve is not None and "share" in curve:
        known = {name: run.metrics.get(f"{name}/accuracy") for name in ("weak", "ceiling")}
        lines = {name: value for name, value in known.items() if value is not None}
        yield from drawn("mixing", partial(plots.mixing_curve, curve, lines))
    if points is not None and "region" in points and (points["region"] != "unknown").any():
        yield from drawn("scores", partial(plots.score_histogram, points))
    places = run.table(MAP)
    if places is not None:
        yield from drawn("map", partial(point_figures.point_map, places))
    if points is not None and has_own_sources(points, run):
        yield from drawn("by_source", partial(point_figures.source_regions, points))
    if rounds is not None:
        yield from drawn("selection", partial(plots.selection_rounds, rounds))
    yield from draw_study(run)


def has_own_sources(points: pd.DataFrame, run: Run) -> bool:
    """Whether the data themselves name the sources of points; those dealt from detected regions tell nothing of them."""
    artificial = str(run.ended.facts.get("sources", "")).startswith(ARTIFICIAL)
    return "source" in points and bool(points["source"].notna().any()) and not artificial


def draw_study(run: Run) -> Iterator[tuple[str, Figure]]:
    """The figures of the studies that have tables of their own."""
    from w2s.report.figures import studies

    makers: dict[str, tuple[str, str, Callable[[pd.DataFrame], Figure]]] = {
        "levels": (CURVE, "n_overlap", studies.overlap_levels),
        "training": (TRAINING, "loss", studies.training),
        "detection": ("detection_summary", "behind", studies.detection_table),
        "picks": ("picks_gains", "gain", studies.picks_gains),
        "refinement": ("refinement_gains", "over_random", studies.refinement_gains),
        "arena": (CURVE, "regret", studies.arena_regret),
        "audit": ("audit", "right_source", studies.audit_errors),
    }
    for name, (table, column, figure) in makers.items():
        frame = run.table(table)
        if frame is not None and column in frame:
            yield from drawn(name, partial(figure, frame))


def drawn(name: str, maker: Callable[[], Figure | None]) -> Iterator[tuple[str, Figure]]:
    """The figure with its name; nothing where there is none, or it cannot be drawn, which the log then says."""
    figure = optional(f"the figure {name}", maker)
    if figure is not None:
        yield name, figure
