"""Means over seeds by learner and loss: python experiments/finetuned_text/summarise.py multirun_outputs/finetuned_text."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from w2s.report.figures.style import INK, PALETTE, canvas, save
from w2s.report.load import load_results
from w2s.statistics.intervals import t_interval

HERE = Path(__file__).parent
METRICS = (
    "weak/accuracy",
    "student/accuracy",
    "ceiling/accuracy",
    "gain",
    "student/auroc",
    "student/repeats",
    "student/ece",
)
ORDER = ("probe", "lora", "full", "lora smoothed", "lora brier", "lora logconf", "lora adaptconf", "lora product")
BASE = "lora"
"""The setting that losses are compared with: adapters and cross-entropy."""


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    runs = load_results(folder)
    loss = runs["loss"].fillna("xent").replace("xent", "")
    runs = runs.assign(way=(runs["learner"].fillna("probe") + " " + loss).str.strip())
    runs = runs[runs["status"] == "ok"].drop_duplicates(["way", "seed"])
    rows = []
    for way in ORDER:
        own = runs[runs["way"] == way].set_index("seed")
        for metric in METRICS:
            rows.append({"way": way, "metric": metric, **interval(own[metric])})
        rows.append({"way": way, "metric": f"student/accuracy - {BASE}", **against(own, runs[runs["way"] == BASE])})
    table = pd.DataFrame(rows)
    table.to_csv(HERE / "results.csv", index=False)
    draw(table)


def interval(values: pd.Series[float]) -> dict[str, float]:
    """Mean over seeds with its 95 % t interval."""
    found = t_interval(values.dropna().to_numpy())
    return {"mean": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4), "seeds": len(values)}


def against(own: pd.DataFrame, base: pd.DataFrame) -> dict[str, float]:
    """The student's difference to the base setting, seed by seed."""
    return interval(own["student/accuracy"] - base.set_index("seed")["student/accuracy"])


def draw(table: pd.DataFrame) -> None:
    """Student, weak model and ceiling of each way."""
    with canvas(width=7.2, height=3.2) as (figure, (panel,)):
        for k, (metric, colour) in enumerate(zip(METRICS[:3], (INK, *PALETTE), strict=False)):
            part = table[table["metric"] == metric].set_index("way").loc[list(ORDER)]
            place = np.arange(len(part)) + 0.16 * (k - 1)
            error = [part["mean"] - part["low"], part["high"] - part["mean"]]
            panel.errorbar(place, part["mean"], error, fmt="o", color=colour, markersize=4, label=metric.split("/")[0])
        panel.set_xticks(np.arange(len(ORDER)), [way.replace(" ", "\n") for way in ORDER])
        panel.set_ylabel("test accuracy")
        panel.legend(loc="lower left")
    save(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
