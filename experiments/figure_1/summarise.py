"""Means of each level over the runs, and the figure: python experiments/figure_1/summarise.py multirun_outputs/figure_1."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import overlap_levels
from w2s.report.figures.style import save
from w2s.report.load import find_runs

HERE = Path(__file__).parent
EXPECTED = pd.DataFrame(
    {
        "weak": [0.666, 0.671, 0.677, 0.682, 0.685],
        "ceiling": [0.823, 0.827, 0.832, 0.834, 0.834],
        "student": [0.515, 0.592, 0.639, 0.673, 0.709],
        "weak_hard": [0.503, 0.497, 0.500, 0.502, 0.499],
        "student_hard": [0.510, 0.570, 0.603, 0.626, 0.650],
        "student_overlap": [0.541, 0.655, 0.718, 0.758, 0.808],
    },
    index=[5, 10, 15, 20, 25],
)
"""Stored output of the public notebook, by the number of overlap points."""


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    curve = pd.read_parquet(run / "curve.parquet")
    curve.drop(columns="run").groupby("n_overlap").mean().round(4).to_csv(HERE / "results.csv")
    save(overlap_levels(curve, EXPECTED), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
