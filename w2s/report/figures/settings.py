"""Figures over many settings: a panel for each in place of many colours, and one line for settings that coincide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.compare import Contrast
from w2s.report.figures.plots import CONTROL_NAMES, colours, controls, interval, plot_band
from w2s.report.figures.style import MUTED, PALETTE, WORDS, canvas, labels, legend_below
from w2s.results.catalogue import metric_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
MOST_ROWS = 40
"""Settings in a figure of intervals."""
WIDTH = 9.6


def small_multiples(
    bands: Mapping[str, pd.DataFrame], beside: Mapping[str, pd.DataFrame], *, xlabel: str, ylabel: str, name: str, other: str
) -> Figure:
    """A panel for each setting, with the others behind it in grey.

    Args:
        bands: setting -> mean, low, high by x.
        beside: setting -> what it is held against, drawn in every panel; may lack some.
        xlabel: of all panels.
        ylabel: of all panels.
        name: what the setting's own line is called.
        other: what the line it is held against is called.
    """
    with panel_each(list(bands), height=2.3, xlabel=xlabel, ylabel=ylabel) as (figure, panels):
        for panel, (setting, band) in zip(panels, bands.items(), strict=True):
            for another, context in bands.items():
                if another != setting:
                    panel.plot(context.index.to_numpy(dtype=float), context["mean"], color=MUTED, linewidth=0.8, alpha=0.35)
            if setting in beside:
                plot_band(panel, beside[setting], PALETTE[1], other)
            plot_band(panel, band, PALETTE[0], name)
        legend_below(figure, panels[0])
        return figure


@contextmanager
def panel_each(names: Sequence[str], *, height: float, xlabel: str, ylabel: str = "") -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure with a panel for each of the names, `height` inches high; all share their axes."""
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    shape: dict[str, Any] = {"columns": columns, "rows": rows, "used": len(names), "sharex": True, "sharey": True}
    with canvas(**shape, width=WIDTH, height=0.5 + height * rows) as (figure, panels):
        yield figure, panels
        for panel, title in zip(panels, labels(names).values(), strict=True):
            panel.set_title(title)
        for panel in panels[::columns]:
            panel.set_ylabel(ylabel)
        for panel in figure.axes[-columns:]:
            panel.set_xlabel(xlabel)


def intervals(contrasts: Sequence[Contrast]) -> Figure:
    """Each setting's gains over their controls with intervals, a panel for each kind of gain.

    Args:
        contrasts: settings against controls; settings that are one to a metric are one row.
    """
    metrics = list(dict.fromkeys(each.metric for each in contrasts))
    shade = colours(list(dict.fromkeys(each.dataset for each in contrasts)))
    rows = {metric: [each for each in contrasts if each.metric == metric][:MOST_ROWS] for metric in metrics}
    height = 1.1 + 0.26 * max(map(len, rows.values()))
    with canvas(columns=len(metrics), width=WIDTH, height=height) as (figure, panels):
        for panel, (name, own) in zip(panels, rows.items(), strict=True):
            metric = metric_of(name)
            for k, each in enumerate(reversed(own)):
                _interval(panel, each, metric.scale, k, shade[each.dataset])
            panel.axvline(0, color=MUTED, linewidth=1)
            names = labels([each.first for each in own])
            panel.set_yticks(range(len(own)), [names[each.first] for each in reversed(own)])
            panel.set_ylim(-0.7, len(own) - 0.3)
            panel.set(xlabel=f"{metric.unit} over {metric.over}", title=metric.title.capitalize())
        return figure


def _interval(panel: Axes, contrast: Contrast, scale: float, place: float, colour: str) -> None:
    value, low, high = (scale * number for number in (contrast.difference, contrast.low, contrast.high))
    panel.plot([low, high], [place, place], color=colour, linewidth=1.6, alpha=0.7)
    (dot,) = panel.plot(value, place, "o", color=colour, markersize=5)
    WORDS[dot] = [f"{contrast.first}: {value:+.2f}{interval(low, high)}, {contrast.seeds} seeds: {contrast.verdict}"]


def density_gain(runs: pd.DataFrame) -> Figure:
    """Gain against detected overlap density, a dot per run.

    Args:
        runs: columns dataset, setting, seed, overlap/density, gain.
    """
    with canvas(width=6.4, height=3.6) as (figure, (panel,)):
        known = runs[runs["overlap/density"].notna() & runs["gain"].notna()]
        names = labels(list(dict.fromkeys(known["dataset"])))
        for name, colour in colours(list(names)).items():
            rows = known[known["dataset"] == name]
            x, y = rows["overlap/density"], 100 * rows["gain"]
            (dots,) = panel.plot(
                x, y, "o", color=colour, markersize=4, alpha=0.65, label=names[name], rasterized=len(known) > 1000
            )
            if len(known) <= 1000:
                WORDS[dots] = [
                    f"{setting}, seed {seed:g}" for setting, seed in zip(rows["setting"], rows["seed"], strict=True)
                ]
        panel.axhline(0, color=MUTED, linewidth=1)
        panel.set(xlabel="detected overlap density", ylabel="gain in points", title="Density against gain")
        if len(names) <= len(PALETTE):
            legend_below(figure, panel)
        return figure


def quantile_band(frame: pd.DataFrame, by: str, value: str) -> pd.DataFrame:
    """Median of `value` by `by`, with the range from the 5 % to the 95 % quantile as its band."""
    found = frame.groupby(by)[value].quantile(np.array([0.5, 0.05, 0.95])).unstack()
    return found.set_axis(["mean", "low", "high"], axis=1)


def control_multiples(frames: Mapping[str, pd.DataFrame]) -> Figure:
    """A panel for each setting: accuracy after training on overlap points and on every control of equal size.

    Args:
        frames: setting -> columns control, seed, accuracy.
    """
    known = {name.removesuffix("/balanced") for frame in frames.values() for name in frame["control"]}
    names = [name for name in CONTROL_NAMES if name in known]
    height, xlabel = 0.4 + 0.22 * len(names), "test accuracy  (○ plain, ● balanced)"
    with panel_each(list(frames), height=height, xlabel=xlabel) as (figure, panels):
        for panel, frame in zip(panels, frames.values(), strict=True):
            controls(panel, frame, names, PALETTE[0], "", position=0)
        return figure
