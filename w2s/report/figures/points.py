"""Figures of the points themselves: a map of the pool, and its regions by source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.figures.plots import REGION_COLOURS, colours
from w2s.report.figures.style import MUTED, WORDS, canvas
from w2s.utils.text import for_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMES = 8
"""Sources or classes with colours of their own, the most frequent ones; the others share one."""
MOST_BARS = 30
OTHER = "others"
TITLES = {"region": "Region", "source": "Source", "weak": "Weak label", "confidence": "Confidence of the weak model"}
"""Column of the map -> what its panel shows."""


def point_map(places: pd.DataFrame) -> Figure:
    """The pool in two dimensions, coloured by region, source, weak label and confidence.

    Args:
        places: columns id, x, y, region, weak, confidence and perhaps source of `map.parquet`.
    """
    names = [name for name in TITLES if name in places]
    rows = -(-len(names) // 2)
    with canvas(columns=2, rows=rows, width=9.6, height=3.6 * rows, used=len(names)) as (figure, panels):
        for panel, name in zip(panels, names, strict=True):
            panel.set(title=TITLES[name], xticks=[], yticks=[])
            if name != "confidence":
                _coloured(panel, places, name)
                continue
            at = places["x"], places["y"]
            shade = panel.scatter(*at, c=places[name], s=7, vmin=0, vmax=1, linewidths=0, rasterized=True)
            figure.colorbar(shade, ax=panel, fraction=0.04)
        return figure


def _coloured(panel: Axes, places: pd.DataFrame, name: str) -> None:
    """The points with a colour for each value of a column."""
    values = places[name].astype(str)
    own = list(values.value_counts().index[:MOST_NAMES])
    values = values.where(values.isin(own), OTHER)
    shades = {**colours(own), OTHER: MUTED, "unknown": MUTED, **(REGION_COLOURS if name == "region" else {})}
    for value in [*own, *([OTHER] if (values == OTHER).any() else [])]:
        rows = places[values == value]
        dot: dict[str, Any] = {"color": shades[value], "markersize": 2.6, "alpha": 0.75, "markeredgewidth": 0}
        (dots,) = panel.plot(rows["x"], rows["y"], "o", label=for_figure(value), **dot)
        WORDS[dots] = [for_figure(words) for words in _words(rows)] if name == "region" else []
    panel.legend(markerscale=2.2, loc="best")


def _words(rows: pd.DataFrame) -> Sequence[str]:
    columns = zip(*(rows[name] for name in ("id", "region", "weak", "confidence")), strict=True)
    return [f"{point} · {region} · weak {weak} · confidence {sure:.2f}" for point, region, weak, sure in columns]


def source_regions(points: pd.DataFrame) -> Figure:
    """Share of each region by source, the densest in overlap first.

    Args:
        points: columns split, source, region of `points.parquet`.
    """
    shares = region_shares(points).head(MOST_BARS)
    with canvas(width=9.6, height=1.2 + 0.26 * len(shares)) as (figure, (panel,)):
        left = np.zeros(len(shares))
        for region in (name for name in ("overlap", "easy", "hard", "unknown") if name in shares):
            width = shares[region].to_numpy()
            colour = REGION_COLOURS.get(region, MUTED)
            panel.barh(range(len(shares)), width, left=left, color=colour, label=region, height=0.75)
            left += width
        counted = zip(shares.index, shares["points"], strict=True)
        panel.set_yticks(range(len(shares)), [f"{for_figure(str(name), 40)} ({n:,})" for name, n in counted])
        panel.invert_yaxis()
        panel.set(xlim=(0, 1), xlabel="share of the source's points")
        panel.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        return figure


def region_shares(points: pd.DataFrame) -> pd.DataFrame:
    """By source of the pool's points: their number `points`, and the share of each region that occurs, densest first."""
    pool = points[points["split"] == "pool"]
    shares = pool.groupby("source")["region"].value_counts(normalize=True).unstack(fill_value=0)
    shares.insert(0, "points", pool["source"].value_counts())
    return shares.sort_values("overlap" if "overlap" in shares else "points", ascending=False)
