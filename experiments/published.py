"""Fill `measured` beside `expected`: python experiments/published.py experiments/NAME multirun_outputs/NAME."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.load import load_results

TOLERANCE = 0.02
"""Of a mean whose published standard error is not known, in the metric's unit."""
CHOICES = {"dataset": "dataset", "weak": "weak_model", "strong": "strong_model", "loss": "loss"}


def main(folder: Path, runs: Path) -> None:
    """Write the mean over seeds into the table of `folder`, and whether it is the published one, where a number is."""
    table = pd.read_csv(folder / "results.csv").astype({"measured": float, "seeds": "Int64", "within": "boolean"})
    found = load_results(runs)
    found = found[found["status"] == "ok"].fillna({"loss": "xent"})
    for i, row in table.iterrows():
        same = pd.Series(data=True, index=found.index)
        for column, choice in CHOICES.items():
            same &= (found[choice] == row[column]) if column in table else True
        values = found.loc[same, row["metric"]].dropna() if row["metric"] in found else pd.Series(dtype=float)
        if len(values):
            error = row.get("expected_se", float("nan"))
            allowed = 2 * error if pd.notna(error) else TOLERANCE
            near = bool(abs(values.mean() - row["expected"]) <= allowed) if pd.notna(row["expected"]) else pd.NA
            table.loc[i, ["measured", "seeds", "within"]] = round(values.mean(), 4), len(values), near
    table.to_csv(folder / "results.csv", index=False)
    sys.stdout.write(f"{table.to_string()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
