"""Means over seeds by density: python experiments/regimes/summarise.py multirun_outputs/regimes."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.plots import mean_band, plot_band
from w2s.report.figures.style import PALETTE, canvas, save
from w2s.report.load import read_runs

HERE = Path(__file__).parent
MODELS = ("weak", "student", "ceiling")
COLUMNS = [*(f"{name}/accuracy" for name in MODELS), "weak/hard", "student/hard", "gain"]


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    results = [run.ended for run in read_runs([folder])]
    rows = [{**r.metrics, "seed": r.seed, "density": r.config["preparation"]["dataset"]["overlap"]} for r in results]
    runs = pd.DataFrame(rows).astype(float)
    by_density = runs.groupby("density")[COLUMNS]
    means, errors = by_density.mean(), by_density.sem().add_suffix("/se")
    pd.concat([means, errors], axis=1).round(4).to_csv(HERE / "results.csv")
    with canvas(width=5.6, height=3.4) as (figure, (panel,)):
        for name, colour in zip(MODELS, PALETTE, strict=False):
            plot_band(panel, mean_band(runs, "density", f"{name}/accuracy"), colour, name)
        panel.set(xlabel="planted overlap density", ylabel="test accuracy", title="Digits beside a planted pattern")
        panel.legend()
        save(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
