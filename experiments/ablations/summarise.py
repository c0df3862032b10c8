"""Student accuracy of every variant: python experiments/ablations/summarise.py multirun_outputs/ablations."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.figures.plots import colours
from w2s.report.figures.style import INK, canvas, save
from w2s.report.load import read_runs

HERE = Path(__file__).parent
LEVELS = (10, 50, 95)
SETTINGS = ["trained_on", "labels", "ties", "intercept"]
EXPECTED = {
    ("overlap", "hard", "class_0", True): (0.587, 0.784, 0.826),
    ("overlap", "hard", "class_0", False): (0.727, 0.816, 0.839),
    ("all", "hard", "class_0", True): (0.617, 0.661, 0.706),
    ("all", "hard", "random", True): (0.687, 0.735, 0.772),
    ("all", "soft", "class_0", True): (0.721, 0.793, 0.827),
    ("easy_and_overlap", "hard", "class_0", True): (0.726, 0.788, 0.824),
}
"""Student accuracy at `LEVELS` in an earlier simulation of the same generator, 500 runs."""


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    rows = []
    for run in read_runs([folder]):
        study, metrics = run.ended.config["study"], run.metrics
        accuracies = {
            f"{who}/{level}": metrics[f"synthetic/{level}/{who}"] for who in ("student", "weak") for level in LEVELS
        }
        rows.append({**{name: study[name] for name in SETTINGS}, **accuracies})
    table = pd.DataFrame(rows).sort_values(SETTINGS, ascending=[True, True, True, False])
    # Ties play no part where no hard-only point is trained on, or where its label is soft.
    plain = (table["trained_on"] != "all") | (table["labels"] == "soft")
    table = table[~(plain & (table["ties"] == "random"))]
    table.round(4).to_csv(HERE / "results.csv", index=False)
    draw(table)


def draw(table: pd.DataFrame) -> None:
    """One row per variant, one colour per number of overlap points."""
    names = []
    with canvas(width=7.8, height=4.6) as (figure, (panel,)):
        shades = colours([str(level) for level in LEVELS])
        for place, row in enumerate(table.to_dict("records")):
            names.append(name_of(row))
            for k, (level, colour) in enumerate(shades.items()):
                panel.plot(row[f"student/{level}"], place, "o", color=colour, markersize=5)
                if (key := tuple(row[name] for name in SETTINGS)) in EXPECTED:
                    panel.plot(EXPECTED[key][k], place, "o", color=INK, fillstyle="none", markersize=8, markeredgewidth=0.8)
        for level, colour in shades.items():
            panel.axvline(table[f"weak/{level}"].mean(), color=colour, linestyle=":", linewidth=1)
            panel.plot([], [], "o", color=colour, markersize=5, label=f"{level} overlap points")
        panel.plot([], [], "o", color=INK, fillstyle="none", markersize=8, markeredgewidth=0.8, label="expected")
        panel.plot([], [], ":", color=INK, linewidth=1, label="the weak model's")
        panel.set_yticks(range(len(names)), names)
        panel.set(xlabel="student accuracy", title="What figure 1 rests on")
        panel.legend(loc="center left", frameon=True, framealpha=1, edgecolor="none")
        save(figure, HERE / "figure.png")


def name_of(row: dict[str, object]) -> str:
    """The variant in words."""
    points = {"overlap": "overlap", "easy_and_overlap": "easy and overlap", "all": "all points"}[str(row["trained_on"])]
    with_ties = (points, row["labels"]) == ("all points", "hard")
    ties = {"class_0": ", ties to class 0", "random": ", random ties"}[str(row["ties"])] if with_ties else ""
    published = " (published)" if (points, row["labels"], row["intercept"]) == ("overlap", "hard", True) else ""
    return f"{points}, {row['labels']} labels{ties}{'' if row['intercept'] else ', no intercept'}{published}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
