"""Gains by data set and over them: python experiments/detector_text/summarise.py multirun_outputs/detector_text."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.drawing import canvas, save_png
from w2s.report.figures import colours
from w2s.report.load import find_runs

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Write results.csv, overall.csv and figure.png beside this file."""
    (run,) = find_runs([folder])
    gains, overall = (pd.read_parquet(run / f"{name}.parquet") for name in ("picks_gains", "picks_overall"))
    gains.round(4).to_csv(HERE / "results.csv", index=False)
    overall.round(4).to_csv(HERE / "overall.csv", index=False)
    detectors = list(dict.fromkeys(gains["detector"]))
    with canvas(width=7.2, height=4.2) as (figure, (panel,)):
        for shift, (name, colour) in enumerate(colours(list(dict.fromkeys(gains["setting"]))).items()):
            rows = gains[gains["setting"] == name].set_index("detector").reindex(detectors)
            places = [k + 0.2 * (shift - 1) for k in range(len(detectors))]
            panel.errorbar(rows["gain"], places, xerr=2 * rows["se"], fmt="o", color=colour, markersize=4, label=name)
        panel.axvline(0, linewidth=1)
        panel.set_yticks(range(len(detectors)), detectors)
        panel.set(xlabel="student accuracy over random non-hard points (± 2 standard errors over seeds)")
        panel.set_title("Balanced picks of at most 10 % of the pool")
        panel.legend()
        save_png(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
