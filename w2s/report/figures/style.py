"""How figures are made: without a display, without global state, readable on a light and on a dark page.

A figure is drawn once by matplotlib and serves as PNG, as PDF and, with what a pointer shows of its points, inside the page:
a script of a few lines lets lines be hidden, read and enlarged. A charting library (plotly.js: 1 to 5 MB in every page)
would draw all figures a second time, by other rules than those on paper.
"""

from __future__ import annotations

import html
import io
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from w2s.report.naming import shorter
from w2s.utils.files import atomic_write
from w2s.utils.text import for_figure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

INK = "#1f2328"
"""Colour of text and axes; inside a page it becomes the colour of the page's text."""
MUTED = "#8a8f98"
PALETTE = ("#2f7ed8", "#e07b1a", "#2a9d6f", "#c2509b", "#8a63d2", "#b58900", "#17a2b8", "#d1495b")
"""Colours that differ in lightness, too, and stand out from white and from near-black."""
STYLE: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.size": 9,
    "grid.color": MUTED,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "w2s",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}
POINTS_PER_INCH = 72
MOST_CHARACTERS = 120
"""Of a name in a figure, where no shorter one tells it from the others."""
BELONGS: WeakKeyDictionary[Artist, str] = WeakKeyDictionary()
"""Bands and bars -> the label of the line that they are hidden with."""
WORDS: WeakKeyDictionary[Artist, Sequence[str]] = WeakKeyDictionary()
"""What a pointer shows of each point of a line, where that is other than its two numbers; nothing where it is empty."""


@contextmanager
def canvas(
    *, columns: int = 1, rows: int = 1, width: float = 6.4, height: float = 3.2, used: int | None = None, **shared: Any
) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure with `rows` x `columns` panels, in the package's style.

    Args:
        columns: of panels.
        rows: of panels.
        width: of the figure, in inches.
        height: of the figure, in inches.
        used: how many of the panels are handed out, the rest being hidden; None: all.
        shared: `sharex` and `sharey`.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        panels = list(figure.subplots(rows, columns, squeeze=False, **shared).flat)
        for panel in panels[used:] if used else ():
            panel.set_visible(False)
        yield figure, panels[:used]


def labels(names: Sequence[str]) -> dict[str, str]:
    """Name -> how a figure shows it: short, and safe for matplotlib."""
    return {name: for_figure(short, longest=MOST_CHARACTERS) for name, short in shorter(names).items()}


def legend_height(names: Sequence[str]) -> float:
    """Inches that a legend of these names takes below a figure's panels."""
    return 0.0 if len(names) < 2 else 0.2 * -(-len(names) // legend_columns(names)) + 0.1


def legend_columns(names: Sequence[str]) -> int:
    """Names side by side: as many as have room in 8 inches."""
    return max(1, min(4, 120 // (max(map(len, labels(names).values())) + 8)))


def legend_below(figure: Figure, panel: Axes) -> None:
    """A legend of the panel's lines below all panels; none of a single line."""
    lines, names = panel.get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(lines, names, loc="outside lower center", ncols=legend_columns(names))


def save(figure: Figure, path: Path) -> Path:
    """Write the figure to `path`, whole or not at all, in the format of its ending."""
    import matplotlib as mpl

    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.suffix.removeprefix(".")
    without_date: dict[str, Any] = {"metadata": {"CreationDate": None}} if kind == "pdf" else {}
    with mpl.rc_context(STYLE), atomic_write(path) as partial:
        figure.savefig(partial, format=kind, dpi=150, **without_date)
    figure.set_layout_engine(None)  # it is laid out now; drawn again, it need not be
    return path


def inline_svg(figure: Figure, name: str) -> str:
    """The figure as an `<svg>` element that takes its text colour from the page around it, with its points as JSON.

    Args:
        figure: a figure.
        name: what begins the ids of its parts; unique in the page.
    """
    import matplotlib as mpl

    series = _named_parts(figure, name)
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    points = html.escape(json.dumps(_points(figure, series), separators=(",", ":")))
    attributes = f'role="img" style="--inches: {figure.get_figwidth():g}" data-points="{points}"'
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', lambda found: f"{found[1]} {attributes}", svg, count=1)


def _named_parts(figure: Figure, name: str) -> list[str]:
    """Give lines and the keys of legends ids by the name they share; returns the names in their order."""
    series: dict[str, int] = {}
    number = itertools.count()
    for panel in figure.axes:
        for artist in (*panel.lines, *panel.collections):
            text = BELONGS.get(artist, str(artist.get_label()))
            if text and not text.startswith("_"):
                artist.set_gid(f"{name}-series{series.setdefault(text, len(series))}-{next(number)}")
    legends = [*figure.legends, *(legend for panel in figure.axes if (legend := panel.get_legend()) is not None)]
    for legend in legends:
        for handle, entry in zip(legend.legend_handles, legend.get_texts(), strict=True):
            if entry.get_text() in series:
                for part in (handle, entry):
                    assert part is not None, "a legend's entry has a handle"
                    part.set_gid(f"{name}-key{series[entry.get_text()]}-{next(number)}")
    return list(series)


def _points(figure: Figure, series: Sequence[str]) -> list[tuple[float, float, int, str]]:
    """(x, y, series, words) of every point of a named line, in the coordinates of the SVG."""
    found = []
    height = figure.get_figheight() * POINTS_PER_INCH
    for panel in figure.axes:
        for line in panel.lines:
            label = str(line.get_label())
            if WORDS.get(line, label in series):
                places = figure.dpi_scale_trans.inverted().transform(panel.transData.transform(line.get_xydata()))
                k = series.index(label) if label in series else -1
                for (x, y), words in zip(places * POINTS_PER_INCH, _words(panel, line), strict=True):
                    if x == x and y == y:
                        found.append((round(float(x), 1), round(height - float(y), 1), k, words))
    return found


def _words(panel: Axes, line: Line2D) -> Sequence[str]:
    """What the pointer shows of each point of a line."""
    if line in WORDS:
        return WORDS[line]
    name = str(line.get_label())
    axis = panel.get_xlabel() or "x"
    return [f"{name} · {axis} {x:.4g} · {y:.4g}" for x, y in np.asarray(line.get_xydata())]
