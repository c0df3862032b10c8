"""The table of an arena's run and its curves beside the bounds: results.csv and figure.png, in a folder of choice.

python experiments/arena/summarise.py outputs/RUN experiments/arena
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import arena_regret
from w2s.report.figures.style import save

SHOWN = ("random", "ucb_released", "ucb", "ucb1_samples", "moss", "kl_ucb", "thompson", "greedy")


def main(run: Path, target: Path) -> None:
    """Read `run`, write into `target`."""
    pd.read_parquet(run / "arena.parquet").round(3).to_csv(target / "results.csv", index=False)
    save(arena_regret(pd.read_parquet(run / "curve.parquet"), SHOWN), target / "figure.png")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
