"""Figures as functions of tables: they never touch a model, a run or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.figures.style import BELONGS, MUTED, PALETTE, WORDS, canvas, labels, legend_below, legend_height
from w2s.results.catalogue import CONTROLS
from w2s.statistics.intervals import t_half_widths
from w2s.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONTROL_NAMES = {
    "1.0": "overlap only",
    **CONTROLS,
    "full": "whole pool",
    "full_balanced": "whole pool, balanced",
}
Bounds = tuple[float | None, float | None]
REGION_COLOURS = {"easy": PALETTE[0], "hard": MUTED, "overlap": PALETTE[1]}
BINS = 40


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name; they repeat after the palette's end."""
    return {name: PALETTE[k % len(PALETTE)] for k, name in enumerate(names)}


def mean_band(frame: pd.DataFrame, by: str, value: str, *, within: Bounds = (None, None)) -> pd.DataFrame:
    """Mean of `value` by `by` with a 95 % t band: over seeds where there are several, else over the rows of each `by`.

    The band ends at the least and largest value there can be, `within`: (0, 1) of a share.

    Returns:
        Indexed by `by`: columns mean, low, high; low and high are NaN where a single value stands behind the mean.
    """
    if "seed" in frame and frame["seed"].nunique() > 1:
        frame = frame.groupby([by, "seed"])[value].mean().reset_index()
    grouped = frame.groupby(by)[value]
    count = grouped.count()
    half = t_half_widths((grouped.std() / np.sqrt(count)).to_numpy(), count.to_numpy())
    mean = grouped.mean()
    return mean.to_frame("mean").assign(low=(mean - half).clip(lower=within[0]), high=(mean + half).clip(upper=within[1]))


def plot_band(panel: Axes, band: pd.DataFrame, colour: str, label: str) -> None:
    """A line with its band, columns mean, low, high."""
    x = band.index.to_numpy(dtype=float)
    (line,) = panel.plot(
        x, band["mean"], color=colour, label=label, linewidth=1.8, marker="o" if len(x) < 15 else "", markersize=3.5
    )
    fill = panel.fill_between(x, band["low"], band["high"], color=colour, alpha=0.18, linewidth=0)
    BELONGS[fill] = label
    WORDS[line] = [
        f"{label} · {at:g}: {mean:.4g}{interval(low, high)}" for at, (mean, low, high) in zip(x, bands_of(band), strict=True)
    ]


def bands_of(band: pd.DataFrame) -> FloatArray:
    """(n, 3) mean, low and high of a band."""
    return band[["mean", "low", "high"]].to_numpy(dtype=np.float64)


def interval(low: float, high: float) -> str:
    """An interval behind a value, or nothing."""
    return f" [{low:.4g}, {high:.4g}]" if np.isfinite(low) and np.isfinite(high) else ""


def mixing_curve(curve: pd.DataFrame, references: Mapping[str, float] | None = None) -> Figure:
    """Student accuracy by overlap share, beside the controls of equal size.

    Args:
        curve: columns share, control, accuracy of `curve.parquet`, and setting and seed where several runs are drawn.
        references: name -> accuracy of horizontal lines, such as the weak model's and the ceiling's.
    """
    settings = settings_of(curve)
    with canvas(columns=2, width=9.6, height=3.4 + legend_height(settings)) as (figure, (left, right)):
        compared = curve[curve["share"].isna() | (curve["control"] == "1.0")]
        names = [name for name in CONTROL_NAMES if name in set(compared["control"].str.removesuffix("/balanced"))]
        for setting, colour in colours(settings).items():
            rows, label = of_setting(curve, setting), labels(settings)[setting] or "student"
            band = mean_band(rows[rows["share"].notna()], "share", "accuracy", within=(0.0, 1.0))
            plot_band(left, band, colour, label)
            position = settings.index(setting) - (len(settings) - 1) / 2
            controls(right, of_setting(compared, setting), names, colour, label, position=position)
        reference_lines(left, references or {})
        left.set(xlabel="share of overlap points", ylabel="test accuracy", title="Mixing curve", xlim=(-0.02, 1.02))
        right.set(xlabel="test accuracy  (○ plain, ● balanced)", title="Controls of equal size")
        legend_below(figure, left)
        return figure


def controls(panel: Axes, rows: pd.DataFrame, names: list[str], colour: str, label: str, *, position: float) -> None:
    """A line for each of `names`, the same for all settings: open marker plain, filled one balanced, with bands."""
    bands = mean_band(rows, "control", "accuracy", within=(0.0, 1.0))
    for k, name in enumerate(reversed(names)):
        for suffix, face, shift in (("", "none", 0.13), ("/balanced", colour, -0.13)):
            if name + suffix in bands.index:
                mean, low, high = map(float, bands_of(bands.loc[[name + suffix]])[0])
                y = k + shift + 0.06 * position
                (bar,) = panel.plot([low, high], [y, y], color=colour, linewidth=1.2, alpha=0.7)
                (dot,) = panel.plot(mean, y, "o", markersize=4.5, markerfacecolor=face, markeredgecolor=colour)
                BELONGS[bar] = BELONGS[dot] = label
                WORDS[dot] = [f"{label} · {CONTROL_NAMES[name]}{suffix.replace('/', ', ')}: {mean:.4g}{interval(low, high)}"]
    panel.set_yticks(range(len(names)), [CONTROL_NAMES[name] for name in reversed(names)])


def score_histogram(points: pd.DataFrame) -> Figure:
    """Weak confidence and overlap score of the pool by detected region, with the thresholds that separate them.

    Args:
        points: columns split, confidence, score, region of `points.parquet`.
    """
    pool = points[points["split"] == "pool"]
    with canvas(columns=2, width=9.6, height=2.8) as (figure, (left, right)):
        histogram(left, pool, "confidence", ("easy", "hard", "overlap"))
        histogram(right, pool[np.isfinite(pool["score"])], "score", ("easy", "overlap"))
        threshold_line(left, pool["confidence"], pool["region"] != "hard")
        threshold_line(right, pool["score"], pool["region"] == "overlap")
        left.set(xlabel="confidence of the weak model", ylabel="pool points", title="Hard against the rest")
        right.set(xlabel="overlap score", title="Easy against overlap")
        left.legend()
        return figure


def histogram(panel: Axes, pool: pd.DataFrame, column: str, regions: tuple[str, ...]) -> None:
    """Stacked bars by region, the regions that are there."""
    present = [region for region in regions if (pool["region"] == region).any()]
    values = [pool.loc[pool["region"] == region, column].to_numpy() for region in present]
    if values:
        shades = [REGION_COLOURS.get(region, MUTED) for region in present]
        edges = bin_edges(np.concatenate(values))
        panel.hist(
            values, bins=edges, histtype="stepfilled", stacked=True, color=shades, label=present, linewidth=0, alpha=0.9
        )


def bin_edges(values: FloatArray) -> list[float]:
    """Edges of bins over all values; of values that hardly differ, of one bin around them."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 1e-6 * max(1.0, abs(low), abs(high))
    return [low - 0.5, low + 0.5] if high - low < room else np.linspace(low, high, BINS + 1).tolist()


def threshold_line(panel: Axes, values: pd.Series[Any], above: pd.Series[Any]) -> None:
    """A line at the lowest value of the upper group, where one value separates the groups."""
    upper, lower = values[above & values.notna()], values[~above & values.notna()]
    if len(upper) and len(lower) and lower.max() <= upper.min():
        panel.axvline(float(upper.min()), color=PALETTE[7], linewidth=1.4, linestyle="--")
        panel.annotate(f" {upper.min():.3g}", (float(upper.min()), 0.93), xycoords=("data", "axes fraction"), fontsize=8)


def selection_rounds(rounds: pd.DataFrame) -> Figure:
    """Accuracy, overlap density of what was bought, and regret by round, one line per policy.

    Args:
        rounds: columns policy, round, n, n_overlap, regret, accuracy and where there are dates period of `rounds.parquet`.
    """
    rounds = with_density_bought(rounds)
    regret = regret_column(rounds)
    titles = {
        "accuracy": "Student accuracy",
        "bought": "Overlap density bought",
        regret: regret.replace("_", " ").capitalize(),
    }
    policies = list(dict.fromkeys(rounds["policy"]))
    with canvas(columns=3, width=9.6, height=3.0 + legend_height(policies)) as (figure, panels):
        for panel, (column, title) in zip(panels, titles.items(), strict=True):
            within = (0.0, None if column == regret else 1.0)
            for policy, colour in colours(policies).items():
                band = mean_band(rounds[rounds["policy"] == policy], "round", column, within=within)
                plot_band(panel, band, colour, labels(policies)[policy])
            panel.set(xlabel="round", title=title)
            if "period" in rounds:
                for first in rounds[rounds["policy"] == policies[0]].groupby("period")["round"].min().iloc[1:]:
                    panel.axvline(first - 0.5, color=MUTED, linewidth=0.6, linestyle=":")
        legend_below(figure, panels[0])
        return figure


def with_density_bought(rounds: pd.DataFrame) -> pd.DataFrame:
    """The rounds with a column `bought`: the overlap density of all that was bought so far."""
    keys = [name for name in ("setting", "seed", "policy") if name in rounds]
    totals = rounds.groupby(keys)[["n", "n_overlap"]].cumsum()
    return rounds.assign(bought=totals["n_overlap"] / totals["n"])


def regret_column(rounds: pd.DataFrame) -> str:
    """The regret by planted densities where there are some, else by detected ones."""
    return "true_regret" if "true_regret" in rounds and rounds["true_regret"].notna().any() else "regret"


def reference_lines(panel: Axes, references: Mapping[str, float]) -> None:
    """Named horizontal lines."""
    for name, value in references.items():
        panel.axhline(value, color=MUTED, linewidth=1, linestyle=":")
        panel.annotate(name, (0.995, value), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)


def settings_of(frame: pd.DataFrame) -> list[str]:
    """The settings in order of appearance; one nameless setting where there is no such column."""
    return list(dict.fromkeys(frame["setting"])) if "setting" in frame else [""]


def of_setting(frame: pd.DataFrame, setting: str) -> pd.DataFrame:
    """The rows of one setting."""
    return frame[frame["setting"] == setting] if "setting" in frame else frame
