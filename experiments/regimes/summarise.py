"""Means over seeds by density: python experiments/regimes/summarise.py multirun_outputs/regimes."""

from __future__ import annotations

import sys
from pathlib import Path

from w2s.report.drawing import PALETTE, canvas, save_png
from w2s.report.figures import mean_band, plot_band
from w2s.report.load import load_results

HERE = Path(__file__).parent
MODELS = ("weak", "student", "ceiling")


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    runs = load_results(folder)
    runs["density"] = runs["overlap/density"].round(2)
    columns = [f"{name}/accuracy" for name in MODELS] + ["student/hard", "weak/hard", "gain"]
    means, errors = (getattr(runs.groupby("density")[columns], name)() for name in ("mean", "sem"))
    means.join(errors, rsuffix="/se").round(4).to_csv(HERE / "results.csv")
    with canvas(width=5.6, height=3.4) as (figure, (panel,)):
        for name, colour in zip(MODELS, PALETTE, strict=False):
            plot_band(panel, mean_band(runs, "density", f"{name}/accuracy"), colour, name)
        panel.set(
            xlabel="planted overlap density", ylabel="test accuracy", title="Digits beside a planted pattern, 10 seeds"
        )
        panel.legend()
        save_png(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
