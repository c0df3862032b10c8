"""Every setting and detector: python experiments/detector_table/summarise.py multirun_outputs/detector_table."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from w2s.report.drawing import canvas, save_png
from w2s.report.load import find_runs

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    table = pd.read_parquet(run / "detection_summary.parquet")
    table.round(4).to_csv(HERE / "results.csv", index=False)
    settings, detectors = list(dict.fromkeys(table["setting"])), list(dict.fromkeys(table["detector"]))
    with canvas(columns=2, width=12.0, height=5.0) as (figure, panels):
        for panel, column, title, limits in (
            (panels[0], "auc", "AUC of overlap against easy", (0.0, 1.0)),
            (panels[1], "behind", "Student behind the oracle's picks (accuracy)", (-0.1, 0.1)),
        ):
            cells = table.pivot_table(index="detector", columns="setting", values=column, dropna=False)
            values = cells.reindex(index=detectors, columns=settings).to_numpy(dtype=float)
            panel.imshow(
                values, cmap="RdYlBu" if column == "auc" else "RdYlBu_r", vmin=limits[0], vmax=limits[1], aspect="auto"
            )
            for (row, place), value in np.ndenumerate(values):
                if np.isfinite(value):
                    panel.text(place, row, f"{value:.2f}".replace("0.", "."), ha="center", va="center", fontsize=6.5)
            panel.set_xticks(range(len(settings)), settings, rotation=60, ha="right")
            panel.set_yticks(range(len(detectors)), detectors)
            panel.grid(visible=False)
            panel.set_title(title)
        save_png(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
