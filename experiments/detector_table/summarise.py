"""Every setting and detector: python experiments/detector_table/summarise.py multirun_outputs/detector_table."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import detection_table
from w2s.report.figures.style import save
from w2s.report.load import find_runs

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    table = pd.read_parquet(run / "detection_summary.parquet")
    table.round(4).to_csv(HERE / "results.csv", index=False)
    save(detection_table(table), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
