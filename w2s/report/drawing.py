"""How figures are made: without a display, without global state, readable on a light and on a dark page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.utils.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f2328"
"""Colour of text and axes; inside a page it becomes the colour of the page's text."""
MUTED = "#8a8f98"
PALETTE = ("#2f7ed8", "#e07b1a", "#2a9d6f", "#c2509b", "#8a63d2", "#b58900", "#17a2b8", "#d1495b")
"""Colours that differ in lightness, too, and stand out from white and from near-black."""
KEY_ABOVE = re.compile(r"(?<!\S)\+*[\w.@/]+\.(?=\w+=)")
"""All but the last part of the key of an override."""
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


@contextmanager
def canvas(
    *, columns: int = 1, width: float = 6.4, height: float = 3.2, sharey: bool = False
) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure with `columns` panels side by side, in the package's style; sizes in inches."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        panels = figure.subplots(1, columns, squeeze=False, sharey=sharey)[0]
        yield figure, list(panels)


def label(setting: str, longest: int = 44) -> str:
    """A setting's name, cut in the middle where it is too long for a figure."""
    return setting if len(setting) <= longest else f"{setting[: longest // 2 - 1]} … {setting[-longest // 2 + 2 :]}"


def labels(settings: Sequence[str]) -> dict[str, str]:
    """Arm -> its name in a figure: without the words that all share, and shorter where that still tells them apart."""
    shared = set.intersection(*(set(setting.split()) for setting in settings)) if len(settings) > 1 else set()
    names = {setting: " ".join(word for word in setting.split() if word not in shared) or setting for setting in settings}
    for shorten in (lambda name: KEY_ABOVE.sub("", name), label):
        shorter = {setting: shorten(name) if label(name) != name else name for setting, name in names.items()}
        names = shorter if len(set(shorter.values())) == len(names) else names
    return names


def legend_height(settings: Sequence[str]) -> float:
    """Inches that a legend of these settings takes below a figure's panels."""
    return 0.0 if len(settings) < 2 else 0.2 * -(-len(settings) // legend_columns(settings)) + 0.1


def legend_columns(settings: Sequence[str]) -> int:
    """Names side by side: as many as have room in 8 inches."""
    return max(1, min(4, 120 // (max(map(len, labels(settings).values())) + 8)))


def legend_below(figure: Figure, panel: Axes) -> None:
    """A legend of the panel's lines below all panels; none of a single line."""
    lines, names = panel.get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(lines, names, loc="outside lower center", ncols=legend_columns(names))


def save_png(figure: Figure, path: Path) -> Path:
    """Write the figure to `path`, whole or not at all."""
    import matplotlib as mpl

    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE), atomic_write(path) as partial:
        figure.savefig(partial, format="png", dpi=150)
    figure.set_layout_engine(None)  # it is laid out now; drawn again, it need not be
    return path


def inline_svg(figure: Figure) -> str:
    """The figure as an `<svg>` element that takes its text colour from the page around it."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    style = f'role="img" style="--inches: {figure.get_figwidth():g}"'
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', rf"\1 {style}", svg, count=1)
