"""Means over seeds by data set and detector: python experiments/mixing_text/summarise.py multirun_outputs/mixing_text."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.plots import mixing_curve
from w2s.report.figures.style import save
from w2s.report.load import read_runs

HERE = Path(__file__).parent
DRAWN = "sst2"


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    rows, curves = [], []
    for run in filter(lambda run: run.ok, read_runs([folder])):
        choices = dict(word.split("=", 1) for word in run.ended.overrides if "=" in word)
        setting = {"set": choices["dataset"], "detector": choices["detector"], "seed": run.ended.seed}
        rows += [{**setting, "metric": name, "value": value} for name, value in run.metrics.items()]
        if setting["set"] == DRAWN:
            curve = pd.read_parquet(run.folder / "curve.parquet")
            curves.append(curve.assign(setting=setting["detector"], seed=setting["seed"]))
    values = pd.DataFrame(rows).astype({"value": float}).dropna()
    table = values.groupby(["set", "detector", "metric"])["value"].agg(mean="mean", se="sem", seeds="count")
    table.round(4).to_csv(HERE / "results.csv")
    save(mixing_curve(pd.concat(curves)), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
