"""Figures as functions of tables: they never touch a model, a run or a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.drawing import MUTED, PALETTE, canvas, labels, legend_below, legend_height
from w2s.statistics.intervals import t_half_widths

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONTROL_NAMES = {
    "1.0": "overlap only",
    "random": "random",
    "random_non_hard": "random non-hard",
    "most_confident": "most confident",
    "easy": "easy only",
    "accuracy_matched": "same label accuracy (oracle)",
    "true_labels": "overlap, true labels",
    "gold": "gold labels",
    "full": "full pool",
    "full_balanced": "full pool, balanced",
}
Bounds = tuple[float | None, float | None]
REGION_COLOURS = {"easy": PALETTE[0], "hard": MUTED, "overlap": PALETTE[1]}


def colours(names: list[str]) -> dict[str, str]:
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


def mixing_curve(curve: pd.DataFrame, references: Mapping[str, float] | None = None) -> Figure:
    """Student accuracy by overlap share, beside the controls of equal size.

    Args:
        curve: columns share, control, accuracy of `curve.parquet`, and setting and seed where several runs are drawn.
        references: name -> accuracy of horizontal lines, such as the weak model's and the ceiling's.
    """
    settings = settings_of(curve)
    with canvas(columns=2, width=8.8, height=3.4 + legend_height(settings)) as (figure, (left, right)):
        compared = curve[curve["share"].isna() | (curve["control"] == "1.0")]
        names = [name for name in CONTROL_NAMES if name in set(compared["control"].str.removesuffix("/balanced"))]
        for setting, colour in colours(settings).items():
            rows = of_setting(curve, setting)
            band = mean_band(rows[rows["share"].notna()], "share", "accuracy", within=(0.0, 1.0))
            plot_band(left, band, colour, labels(settings)[setting] or "student")
            controls(
                right,
                of_setting(compared, setting),
                names,
                colour,
                position=settings.index(setting) - (len(settings) - 1) / 2,
            )
        reference_lines(left, references or {})
        left.set(xlabel="share of overlap points", ylabel="test accuracy", title="Mixing curve", xlim=(-0.02, 1.02))
        right.set(xlabel="test accuracy  (○ plain, ● balanced)", title="Controls of equal size")
        legend_below(figure, left)
        return figure


def controls(panel: Axes, rows: pd.DataFrame, names: list[str], colour: str, *, position: float) -> None:
    """A line for each of `names`, the same for all settings: open marker plain, filled one balanced, with bands."""
    bands = mean_band(rows, "control", "accuracy", within=(0.0, 1.0))
    for k, name in enumerate(reversed(names)):
        for suffix, face, shift in (("", "none", 0.13), ("/balanced", colour, -0.13)):
            if name + suffix in bands.index:
                mean, low, high = bands.loc[name + suffix, ["mean", "low", "high"]].to_numpy(dtype=float)
                y = k + shift + 0.06 * position
                panel.plot([low, high], [y, y], color=colour, linewidth=1.2, alpha=0.7)
                panel.plot(mean, y, "o", markersize=4.5, markerfacecolor=face, markeredgecolor=colour)
    panel.set_yticks(range(len(names)), [CONTROL_NAMES[name] for name in reversed(names)])


def score_histogram(points: pd.DataFrame) -> Figure:
    """Weak confidence and overlap score of the pool by detected region, with the thresholds that separate them.

    Args:
        points: columns split, confidence, score, region of `points.parquet`.
    """
    pool = points[points["split"] == "pool"]
    with canvas(columns=2, width=8.4, height=2.8) as (figure, (left, right)):
        histogram(left, pool, "confidence", ("easy", "hard", "overlap"))
        histogram(right, pool[np.isfinite(pool["score"])], "score", ("easy", "overlap"))
        threshold_line(left, pool["confidence"], pool["region"] != "hard")
        threshold_line(right, pool["score"], pool["region"] == "overlap")
        left.set(xlabel="confidence of the weak model", ylabel="pool points", title="Hard against the rest")
        right.set(xlabel="overlap score", title="Easy against overlap")
        left.legend()
        return figure


def histogram(panel: Axes, pool: pd.DataFrame, column: str, regions: tuple[str, ...]) -> None:
    """Stacked histogram of `column` by region; points of unknown region are drawn, too."""
    present = [region for region in (*regions, "unknown") if (pool["region"] == region).any()]
    values = [pool.loc[pool["region"] == region, column].to_numpy() for region in present]
    if values:
        shades = [REGION_COLOURS.get(region, MUTED) for region in present]
        panel.hist(values, bins=40, histtype="stepfilled", stacked=True, color=shades, label=present, linewidth=0, alpha=0.9)


def threshold_line(panel: Axes, values: pd.Series[Any], above: pd.Series[Any]) -> None:
    """A line at the lowest value of the upper group, where one value separates the groups."""
    upper, lower = values[above & values.notna()], values[~above & values.notna()]
    if len(upper) and len(lower) and lower.max() <= upper.min():
        panel.axvline(float(upper.min()), color=PALETTE[7], linewidth=1.4, linestyle="--")
        panel.annotate(f" {upper.min():.3g}", (float(upper.min()), 0.93), xycoords=("data", "axes fraction"), fontsize=8)


def selection_rounds(rounds: pd.DataFrame) -> Figure:
    """Accuracy, overlap density of what was bought, and regret by round, one line per policy (and setting).

    Args:
        rounds: columns policy, round, n, n_overlap, regret, accuracy of `rounds.parquet`, and setting, seed of several runs.
    """
    rounds = rounds.assign(setting=series_names(rounds))
    bought = rounds.groupby([name for name in ("setting", "seed") if name in rounds])[["n", "n_overlap"]].cumsum()
    rounds = rounds.assign(bought=bought["n_overlap"] / bought["n"])
    regret = "true_regret" if "true_regret" in rounds and rounds["true_regret"].notna().any() else "regret"
    titles = {
        "accuracy": "Student accuracy",
        "bought": "Overlap density bought",
        regret: regret.replace("_", " ").capitalize(),
    }
    settings = settings_of(rounds)
    with canvas(columns=3, width=9.6, height=3.0 + legend_height(settings)) as (figure, panels):
        for panel, (column, title) in zip(panels, titles.items(), strict=True):
            within = (0.0, None if column == regret else 1.0)
            for setting, colour in colours(settings).items():
                plot_band(
                    panel,
                    mean_band(of_setting(rounds, setting), "round", column, within=within),
                    colour,
                    labels(settings)[setting],
                )
            panel.set(xlabel="round", title=title)
        legend_below(figure, panels[0])
        return figure


def series_names(rounds: pd.DataFrame) -> pd.Series[str]:
    """Policy; of several settings, the setting, and its policy where it has rounds of more than one."""
    if "setting" not in rounds or rounds["setting"].nunique() == 1:
        return rounds["policy"].astype(str)
    if (rounds.groupby("setting")["policy"].nunique() == 1).all():
        return rounds["setting"].astype(str)
    return rounds["setting"].astype(str) + " · " + rounds["policy"].astype(str)


def plot_band(panel: Axes, band: pd.DataFrame, colour: str, label: str) -> None:
    """A line with its band."""
    x = band.index.to_numpy(dtype=float)
    panel.plot(x, band["mean"], color=colour, label=label, linewidth=1.8, marker="o" if len(x) < 15 else "", markersize=3.5)
    panel.fill_between(x, band["low"], band["high"], color=colour, alpha=0.18, linewidth=0)


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


def gains(settings: pd.DataFrame) -> Figure:
    """Gain in points and PGR of each setting with their intervals, grouped by data set.

    Args:
        settings: columns dataset, setting, gain, pgr, each with /low and /high.
    """
    rows = settings[settings["gain"].notna()].iloc[::-1]
    names = list(map(labels(list(dict.fromkeys(rows["setting"]))).__getitem__, rows["setting"]))
    width = 6.6 + 0.07 * max(map(len, names), default=0)
    with canvas(columns=2, width=width, height=1.2 + 0.24 * len(rows)) as (figure, (left, right)):
        shade = colours(list(dict.fromkeys(settings["dataset"])))
        for k, row in enumerate(rows.to_dict("records")):
            for panel, name, scale in ((left, "gain", 100.0), (right, "pgr", 1.0)):
                value, low, high = (row.get(key) for key in (name, f"{name}/low", f"{name}/high"))
                if value is not None and np.isfinite(value):
                    colour = shade[row["dataset"]]
                    panel.plot(np.array([low, high], dtype=float) * scale, [k, k], color=colour, linewidth=1.6, alpha=0.7)
                    panel.plot(value * scale, k, "o", color=colour, markersize=5)
        left.axvline(0, color=MUTED, linewidth=1)
        left.set_yticks(range(len(rows)), names)
        right.set_yticks(range(len(rows)), [""] * len(rows))
        for panel in (left, right):
            panel.set_ylim(-0.7, len(rows) - 0.3)
        left.set(xlabel="points of test accuracy", title="Gain, student over weak")
        right.set(xlabel="share of the gap", title="Gap recovered (PGR), where defined")
        return figure


def density_gain(runs: pd.DataFrame) -> Figure:
    """Gain against detected overlap density, a dot per run.

    Args:
        runs: columns setting, overlap/density, gain.
    """
    with canvas(width=6.4, height=3.6) as (figure, (panel,)):
        known = runs[runs["overlap/density"].notna() & runs["gain"].notna()]
        names = labels(settings_of(known))
        for setting, colour in colours(list(names)).items():
            rows = of_setting(known, setting)
            x, y = rows["overlap/density"], 100 * rows["gain"]
            panel.plot(x, y, "o", color=colour, markersize=4, alpha=0.65, label=names[setting], rasterized=len(known) > 1000)
        panel.axhline(0, color=MUTED, linewidth=1)
        panel.set(xlabel="detected overlap density", ylabel="gain in points", title="Density against gain")
        if len(names) <= len(PALETTE):
            legend_below(figure, panel)
        return figure


def regret_tails(rounds: pd.DataFrame) -> Figure:
    """Cumulative regret by round: median and the range from the 5 % to the 95 % quantile over seeds, one line per policy.

    Args:
        rounds: columns policy, round, seed, regret, true_regret, and setting of several settings.
    """
    rounds = rounds.assign(setting=series_names(rounds))
    column = "true_regret" if rounds["true_regret"].notna().any() else "regret"
    with canvas(width=6.4, height=3.4) as (figure, (panel,)):
        names = labels(settings_of(rounds))
        for setting, colour in colours(list(names)).items():
            quantiles = of_setting(rounds, setting).groupby("round")[column].quantile(np.array([0.05, 0.5, 0.95])).unstack()
            x = quantiles.index.to_numpy(dtype=float)
            panel.plot(x, quantiles[0.5], color=colour, label=names[setting], linewidth=1.8)
            panel.fill_between(x, quantiles[0.05], quantiles[0.95], color=colour, alpha=0.18, linewidth=0)
        panel.set(xlabel="round", title=f"{column.replace('_', ' ').capitalize()}, median and 5 % to 95 % over seeds")
        legend_below(figure, panel)
        return figure
