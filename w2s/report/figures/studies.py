"""The main figure of each study that has tables of its own, as a function of its table: `single.py` draws a run's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2s.report.figures.plots import colours, mean_band, plot_band
from w2s.report.figures.style import INK, MUTED, PALETTE, canvas
from w2s.results.catalogue import MODELS
from w2s.types import FloatArray
from w2s.utils.text import for_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REGIONS = {"": "All test points", "_hard": "Hard only", "_easy": "Easy only", "_overlap": "Overlap"}
BOUNDS = {"lai_robbins": ("Lai-Robbins", ":"), "minimax": ("√(K T)", "--"), "explicit": ("explicit bound", "-.")}
AUDITED = {"error": "Mean absolute error of a density", "right_source": "Densest source named"}


def overlap_levels(curve: pd.DataFrame, expected: pd.DataFrame | None = None) -> Figure:
    """Accuracy of the three models by the number of overlap points, on all test points and by region.

    Args:
        curve: columns n_overlap, and weak, student, ceiling with their `_easy _hard _overlap`, a row per run and level.
        expected: published means by n_overlap, some of the same columns; drawn as open circles.
    """
    regions = {suffix: title for suffix, title in REGIONS.items() if f"weak{suffix}" in curve}
    with canvas(columns=len(regions), width=2.7 * len(regions), height=3.1, sharey=True) as (figure, panels):
        for panel, (suffix, title) in zip(panels, regions.items(), strict=True):
            for name, colour in zip(MODELS, PALETTE, strict=False):
                column = f"{name}{suffix}"
                plot_band(panel, mean_band(curve, "n_overlap", column, within=(0.0, 1.0)), colour, name)
                if expected is not None and column in expected:
                    panel.plot(expected.index, expected[column], "o", color=INK, fillstyle="none", markersize=5)
            panel.set(xlabel="overlap points", title=title)
        panels[0].set_ylabel("test accuracy")
        if expected is not None:
            panels[0].plot([], [], "o", color=INK, fillstyle="none", markersize=5, label="published")
        panels[0].legend(loc="lower right")
        return figure


def training(steps: pd.DataFrame) -> Figure:
    """Loss and agreement of each model with its training labels, step by step, as running means.

    Args:
        steps: columns model, step, loss, agreement and validation of `training.parquet`.
    """
    with canvas(columns=2, width=7.6, height=3.0) as (figure, (left, right)):
        for (name, rows), colour in zip(steps.groupby("model", sort=False), PALETTE, strict=False):
            window = max(1, len(rows) // 20)
            for panel, column in ((left, "loss"), (right, "agreement")):
                means = rows[column].rolling(window, min_periods=1).mean()
                panel.plot(rows["step"], means, color=colour, linewidth=1.8, label=for_figure(str(name)))
            watched = rows[rows["validation"].notna()]
            right.plot(watched["step"], watched["validation"], "o", color=colour, markersize=4)
        left.set(xlabel="step", ylabel="loss")
        right.set(xlabel="step", ylabel="training labels met")
        left.legend()
        return figure


def detection_table(summary: pd.DataFrame) -> Figure:
    """Every detector in every setting: the AUC of its score, and how far its student is behind the oracle's.

    Args:
        summary: columns setting, detector, auc, behind of `detection_summary.parquet`.
    """
    images = (
        Image("auc", "AUC of overlap against easy", "RdYlBu", (0.0, 1.0)),
        Image("behind", "Student behind the oracle's picks (accuracy)", "RdYlBu_r", (-0.1, 0.1)),
    )
    return images_by_setting(summary, "detector", images, inches=0.56)


@dataclass(frozen=True)
class Image:
    """A column of a table as colours with numbers in them."""

    column: str
    title: str
    shades: str
    """A colour map of matplotlib."""
    limits: tuple[float, float]
    """The values at its ends."""
    scale: float = 1.0
    places: int = 2


def images_by_setting(table: pd.DataFrame, rows: str, images: Sequence[Image], *, inches: float) -> Figure:
    """Means of two columns side by side: one row a value of the column `rows`, one column, `inches` wide, a setting."""
    settings, names = (list(dict.fromkeys(table[name])) for name in ("setting", rows))
    width, height = 3.6 + inches * len(settings), 1.6 + 0.19 * len(names)
    with canvas(columns=2, width=width, height=height, sharey=True) as (figure, panels):
        for panel, image in zip(panels, images, strict=True):
            cells = table.pivot_table(index=rows, columns="setting", values=image.column, dropna=False)
            values = image.scale * cells.reindex(index=names, columns=settings).to_numpy(dtype=float)
            panel.imshow(values, cmap=image.shades, vmin=image.limits[0], vmax=image.limits[1], aspect="auto")
            write_cells(panel, values, image.places)
            shown = list(map(for_figure, settings))
            panel.set_xticks(range(len(settings)), shown, rotation=60, ha="right", rotation_mode="anchor")
            panel.set_title(image.title)
            panel.grid(visible=False)
        panels[0].set_yticks(range(len(names)), list(map(for_figure, names)))
        return figure


def write_cells(panel: Axes, values: FloatArray, places: int) -> None:
    """Each value with `places` decimals on its cell of an image, light on a dark one."""
    (image,) = panel.images
    lightness = image.to_rgba(values)[:, :, :3] @ (0.3, 0.6, 0.1)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            text = f"{round(value, places) + 0.0:.{places}f}"
            text = text.replace("0.", ".", 1) if abs(value) < 1 else text
            shade = "black" if lightness[row, column] > 0.55 else "white"  # on any page, so never INK
            panel.text(column, row, text, ha="center", va="center", fontsize=6.5, color=shade)


def picks_gains(gains: pd.DataFrame) -> Figure:
    """Gain of each detector's picks on each data set, with two standard errors.

    Args:
        gains: columns detector, setting, gain, se of `picks_gains.parquet`.
    """
    detectors, settings = (list(dict.fromkeys(gains[name])) for name in ("detector", "setting"))
    with canvas(width=7.2, height=1.4 + 0.24 * len(detectors)) as (figure, (panel,)):
        for shift, (name, colour) in zip(np.linspace(-0.2, 0.2, len(settings)), colours(settings).items(), strict=True):
            rows = gains[gains["setting"] == name].set_index("detector").reindex(detectors)
            places = np.arange(len(detectors)) + shift
            panel.errorbar(
                rows["gain"], places, xerr=2 * rows["se"], fmt="o", color=colour, markersize=4, label=for_figure(name)
            )
        panel.axvline(0, color=MUTED, linewidth=1)
        panel.set_yticks(range(len(detectors)), list(map(for_figure, detectors)))
        panel.invert_yaxis()
        panel.set(xlabel="student accuracy over confident points (± 2 standard errors over seeds)")
        panel.set_title("Balanced picks of equal size")
        figure.legend(loc="outside right upper")
        return figure


def refinement_gains(gains: pd.DataFrame) -> Figure:
    """Gain of each refiner on each data set over no refiner, and over its random control.

    Args:
        gains: columns refiner, setting, gain, over_random of `refinement_gains.parquet`.
    """
    titles = {"gain": "Over no refiner (points)", "over_random": "Over its random control (points)"}
    images = [Image(column, title, "RdYlBu", (-10.0, 10.0), scale=100, places=1) for column, title in titles.items()]
    return images_by_setting(gains, "refiner", images, inches=0.62)


def arena_regret(curve: pd.DataFrame, policies: Sequence[str] = ()) -> Figure:
    """Cumulative regret by round, mean and the range from the 5 % to the 95 % quantile, beside what theory promises.

    Args:
        curve: columns setting, policy, round, regret, q05, q95, and the `BOUNDS`, of the arena's `curve.parquet`.
        policies: those to draw; of none, the first ones.
    """
    settings = list(dict.fromkeys(curve["setting"]))
    shades = colours(list(policies) or list(dict.fromkeys(curve["policy"]))[: len(PALETTE)])
    with canvas(columns=len(settings), width=1.0 + 3.4 * len(settings), height=3.9) as (figure, panels):
        for panel, setting in zip(panels, settings, strict=True):
            part = curve[curve["setting"] == setting]
            for policy, colour in shades.items():
                rows = part[part["policy"] == policy]
                panel.plot(rows["round"], rows["regret"], color=colour, label=for_figure(policy), linewidth=1.6)
                panel.fill_between(rows["round"], rows["q05"], rows["q95"], color=colour, alpha=0.12, linewidth=0)
            for column, (name, style) in BOUNDS.items():
                panel.plot(rows["round"], rows[column], style, color=INK, linewidth=1, label=name)
            panel.set(title=for_figure(setting), xlabel="round", yscale="symlog", ylim=(0, None))
        panels[0].set_ylabel("cumulative regret")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
        return figure


def audit_errors(audit: pd.DataFrame) -> Figure:
    """What each way of using an audit comes to, by the number of audited points.

    Args:
        audit: columns estimator, labels, error, right_source of `audit.parquet`.
    """
    with canvas(columns=2, width=8.0, height=3.6) as (figure, panels):
        for panel, (column, title) in zip(panels, AUDITED.items(), strict=True):
            for name, colour in colours(list(dict.fromkeys(audit["estimator"]))).items():
                rows = audit[audit["estimator"] == name]
                panel.plot(rows["labels"], rows[column], "o-", color=colour, markersize=3.5, label=for_figure(name))
            ticks = sorted(set(audit["labels"]))
            panel.set(xlabel="audited points of each source", xscale="log", title=title, ylim=(0, None))
            panel.set_xticks(ticks, [str(tick) for tick in ticks], minor=False)
            panel.minorticks_off()
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return figure
