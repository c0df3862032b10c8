"""Means over seeds with intervals: python experiments/digits_images/summarise.py multirun_outputs/digits_images."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from w2s.report.figures.plots import mixing_curve
from w2s.report.figures.style import save
from w2s.report.load import read_runs
from w2s.statistics.intervals import t_interval

HERE = Path(__file__).parent
OVERLAP = "mixing/1.0"
CONTROLS = ("mixing/random_non_hard", "mixing/random", "mixing/most_confident")
"""Students on as many other points as the overlap student's; differences are paired within a run."""


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file: mean, 95 % interval over seeds, number of seeds of each metric."""
    runs = [run for run in read_runs([folder]) if run.ok]
    values = pd.DataFrame([run.metrics for run in runs]).astype(float)
    for control in CONTROLS:
        values[f"{OVERLAP} - {control}"] = values[OVERLAP] - values[control]
    rows = []
    for name in sorted(values):
        own = values[name].dropna().to_numpy()
        if len(own) > 1:
            interval = t_interval(own)
            rows.append({"metric": name, "mean": own.mean(), "low": interval.low, "high": interval.high, "seeds": len(own)})
    pd.DataFrame(rows).round(4).to_csv(HERE / "results.csv", index=False)
    curves = [pd.read_parquet(run.folder / "curve.parquet").assign(setting="", seed=run.ended.seed) for run in runs]
    save(mixing_curve(pd.concat(curves)), HERE / "figure.png")
    sys.stdout.write(f"{len(runs)} runs, {np.mean([sum(run.ended.seconds.values()) for run in runs]):.0f} s each\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
