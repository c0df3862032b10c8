"""The errors of an audit's run: results.csv and figure.png.

python experiments/audit/summarise.py outputs/RUN
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

HERE = Path(__file__).parent
PANELS = {"error": "mean absolute error of a density", "right_source": "densest source named"}


def main(run: Path) -> None:
    """Read `run`, write beside this file."""
    mpl.use("Agg")
    audit = pd.read_parquet(run / "audit.parquet")
    audit.round(3).to_csv(HERE / "results.csv", index=False)
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for panel, (column, title) in zip(panels, PANELS.items(), strict=True):
        for estimator, part in audit.groupby("estimator", sort=False):
            panel.plot(part["labels"], part[column], marker="o", markersize=3, label=estimator)
        panel.set(xlabel="audited points a source", xscale="log", title=title)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(HERE / "figure.png", dpi=150)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
