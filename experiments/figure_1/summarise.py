"""Means of each level over the runs, and the figure: python experiments/figure_1/summarise.py multirun_outputs/figure_1."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.drawing import PALETTE, canvas, save_png
from w2s.report.load import find_runs

HERE = Path(__file__).parent
COLOURS = dict(zip(("weak", "student", "ceiling"), PALETTE, strict=False))


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    means = pd.read_parquet(run / "curve.parquet").drop(columns="run").groupby("n_overlap").mean()
    means.round(4).to_csv(HERE / "results.csv")
    with canvas(columns=2, width=8.4, height=3.2) as (figure, (left, right)):
        for name, colour in COLOURS.items():
            left.plot(means.index, means[name], color=colour, label=name)
            for region, style in (("easy", ":"), ("hard", "-"), ("overlap", "--")):
                label = region if name == "student" else None
                right.plot(means.index, means[f"{name}_{region}"], style, color=colour, label=label, linewidth=1.4)
        left.set(xlabel="overlap points", ylabel="test accuracy", title="Mean of 500 runs")
        right.set(xlabel="overlap points", title="By region of the test points")
        left.legend()
        right.legend(title="student")
        save_png(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
