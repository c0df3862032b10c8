"""Density and accuracy by both thresholds: python experiments/thresholds/summarise.py multirun_outputs/thresholds."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from w2s.report.figures.style import canvas, save
from w2s.report.load import read_runs

HERE = Path(__file__).parent
COLUMNS = {
    "overlap/density": "Detected density (planted: .33)",
    "mixing/1.0": "Student on overlap only",
    "mixing/gain": "Gain over random non-hard, balanced",
}


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    rows = []
    for run in read_runs([folder]):
        detector = run.ended.config["preparation"]["detector"]
        quantiles = {"tau_hard": detector["hard_threshold"]["below"], "tau_overlap": detector["threshold"]["below"]}
        rows.append({**quantiles, **{name: run.metrics.get(name) for name in COLUMNS}})
    cells = pd.DataFrame(rows).astype(float).groupby(["tau_hard", "tau_overlap"])
    means = cells.mean()
    pd.concat([means, cells.sem().add_suffix("/se")], axis=1).round(4).to_csv(HERE / "results.csv")
    with canvas(columns=3, width=10.5, height=3.2) as (figure, panels):
        for panel, (name, title) in zip(panels, COLUMNS.items(), strict=True):
            table = means[name].unstack()
            panel.imshow(table.to_numpy(), cmap="Blues", alpha=0.6, aspect="auto", origin="lower")
            for (row, column), value in np.ndenumerate(table.to_numpy()):
                panel.text(column, row, f"{value:.3f}", ha="center", va="center", fontsize=7.5)
            panel.set_xticks(range(len(table.columns)), [f"{q:g}" for q in table.columns])
            panel.set_yticks(range(len(table.index)), [f"{q:g}" for q in table.index])
            panel.set(xlabel="tau_overlap, quantile of the scores", title=title)
            panel.grid(visible=False)
        panels[0].set_ylabel("tau_hard, quantile of the confidences")
        save(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
