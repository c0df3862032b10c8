"""The errors of an audit's run: results.csv and figure.png.

python experiments/audit/summarise.py outputs/RUN
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.studies import audit_errors
from w2s.report.figures.style import save

HERE = Path(__file__).parent


def main(run: Path) -> None:
    """Read `run`, write beside this file."""
    audit = pd.read_parquet(run / "audit.parquet")
    audit.round(3).to_csv(HERE / "results.csv", index=False)
    save(audit_errors(audit), HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
