"""The table of an arena's run and its curves beside the bounds: results.csv and figure.png, in a folder of choice.

python experiments/arena/summarise.py outputs/RUN experiments/arena
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

SHOWN = ["random", "ucb_released", "ucb", "ucb1_samples", "moss", "kl_ucb", "thompson", "greedy"]
BOUNDS = {"lai_robbins": "Lai-Robbins", "minimax": "sqrt(K T)", "explicit": "explicit bound"}


def main(run: Path, target: Path) -> None:
    """Read `run`, write into `target`."""
    mpl.use("Agg")
    pd.read_parquet(run / "arena.parquet").round(3).to_csv(target / "results.csv", index=False)
    curve = pd.read_parquet(run / "curve.parquet")
    settings = list(curve["setting"].unique())
    figure, panels = plt.subplots(1, len(settings), figsize=(4 * len(settings), 3.6), layout="constrained")
    for panel, setting in zip(panels, settings, strict=True):
        part = curve[curve["setting"] == setting]
        for policy in SHOWN:
            one = part[part["policy"] == policy]
            (line,) = panel.plot(one["round"], one["regret"], label=policy)
            panel.fill_between(one["round"], one["q05"], one["q95"], color=line.get_color(), alpha=0.12, linewidth=0)
        for (column, label), style in zip(BOUNDS.items(), (":", "--", "-."), strict=True):
            panel.plot(one["round"], one[column], color="black", linestyle=style, linewidth=1, label=label)
        panel.set(title=setting, xlabel="round", yscale="symlog", ylim=(0, None))
    panels[0].set(ylabel="cumulative regret, mean and 5 % to 95 %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    figure.savefig(target / "figure.png", dpi=150)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
