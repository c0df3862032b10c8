"""Means over seeds of the theory's quantities: python experiments/theory/summarise.py multirun_outputs/theory."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from w2s.report.load import read_runs

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    rows = []
    for run in filter(lambda run: run.ok, read_runs([folder])):
        choices = dict(word.split("=", 1) for word in run.ended.overrides if "=" in word)
        known = " (true regions)" if choices.get("detector") == "oracle" else ""
        rows += [
            {
                "set": choices["dataset"] + known,
                "seed": run.ended.seed,
                "metric": name.removeprefix("theory/"),
                "value": value,
            }
            for name, value in run.metrics.items()
            if name.startswith("theory/")
        ]
    values = pd.DataFrame(rows).astype({"value": float}).dropna()
    table = values.groupby(["set", "metric"])["value"].agg(
        mean="mean", se="sem", largest=lambda v: np.abs(v).max(), seeds="count"
    )
    exact = table.index.get_level_values("metric").str.endswith("identity")
    table.loc[~exact] = table.loc[~exact].round(4)
    table.to_csv(HERE / "results.csv")
    sys.stdout.write(f"{table.to_string()}\n")
    draw(table)


def draw(table: pd.DataFrame) -> None:
    """Worst correction rate beside the average one, by data set; c > 1/2 takes the weak model's error out of the bound."""
    mpl.use("Agg")
    sets = list(table.index.get_level_values("set").unique())
    figure, panel = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for shift, (metric, label) in enumerate((("all/correction_rate", "average"), ("all/worst_correction", "worst part"))):
        places = np.arange(len(sets)) + 0.2 * shift
        found = table.xs(metric, level="metric").reindex(sets)
        panel.errorbar(places, found["mean"], yerr=2 * found["se"], fmt="o", label=label)
    panel.axhline(0.5, color="black", linewidth=0.8, linestyle=":")
    panel.set_xticks(range(len(sets)), sets)
    panel.set(ylabel="share of weak errors corrected", ylim=(0, 1))
    panel.legend(frameon=False)
    figure.savefig(HERE / "figure.png", dpi=130)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
