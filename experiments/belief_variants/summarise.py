"""Gains of the variants, and their differences to one pass: python experiments/belief_variants/summarise.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import picks_gains
from w2s.report.figures.style import save
from w2s.report.load import find_runs
from w2s.study.picks import gains_of

HERE = Path(__file__).parent
BASE = "one_pass"


def main(folder: Path) -> None:
    """Write results.csv, overall.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    picks, gains, overall = (pd.read_parquet(run / f"picks{name}.parquet") for name in ("", "_gains", "_overall"))
    by_seed = gains_of(picks).pivot_table(index=["setting", "seed"], columns="detector", values="gain", sort=False)
    paired = by_seed.sub(by_seed[BASE], axis=0).groupby("setting", sort=False)
    columns = {"over_one_pass": paired.mean(), "over_one_pass/se": paired.sem()}
    differences = pd.DataFrame({name: table.stack() for name, table in columns.items()}).reset_index()
    gains.merge(differences, on=["setting", "detector"]).round(4).to_csv(HERE / "results.csv", index=False)
    overall.round(4).to_csv(HERE / "overall.csv", index=False)
    save(picks_gains(gains), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
