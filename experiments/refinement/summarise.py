"""Gains by data set and over them: python experiments/refinement/summarise.py multirun_outputs/refinement."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import refinement_gains
from w2s.report.figures.style import save
from w2s.report.load import find_runs

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write results.csv, overall.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    gains, overall = (pd.read_parquet(run / f"refinement_{name}.parquet") for name in ("gains", "overall"))
    gains.round(4).to_csv(HERE / "results.csv", index=False)
    overall.round(4).to_csv(HERE / "overall.csv", index=False)
    save(refinement_gains(gains), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
