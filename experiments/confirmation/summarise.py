"""Gains by set and over sets, and the planted settings.

python experiments/confirmation/summarise.py multirun_outputs/confirmation{_locked,} multirun_outputs/detector_table
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import picks_gains
from w2s.report.figures.style import save
from w2s.report.load import find_runs
from w2s.study.detection.detection import NON_HARD, scores

HERE = Path(__file__).parent
DETECTORS = ["refined_belief", "noise_matched", "validated", "paper"]
ROLES = ("locked", "confirmed")


def main(locked: Path, confirmed: Path, planted: Path) -> None:
    """Write results.csv, overall.csv, planted.csv and figure.png beside this file."""
    runs = dict(zip(ROLES, (find_runs([folder])[0] for folder in (locked, confirmed)), strict=True))
    for name in ("gains", "overall"):
        tables = [pd.read_parquet(run / f"picks_{name}.parquet").assign(role=role) for role, run in runs.items()]
        table = pd.concat(tables, ignore_index=True)
        table.round(4).to_csv(HERE / f"{'results' if name == 'gains' else name}.csv", index=False)
        if name == "gains":
            save(picks_gains(table), HERE / "figure.png")
    (run,) = find_runs([planted])
    summary = pd.read_parquet(run / "detection_summary.parquet")
    columns = ["setting", "detector", "accuracy", "gain", "gain/se", "behind", "behind/se"]
    kept = summary[summary["detector"].isin([*DETECTORS, "oracle", "random", NON_HARD])]
    kept[columns].round(4).to_csv(HERE / "planted.csv", index=False)
    found = scores(summary)
    for name in DETECTORS:
        within, gain = found[f"detection/{name}/within"], found[f"detection/{name}/gain"]
        sys.stdout.write(f"{name}: {within:.0f} settings, {gain:+.4f}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
