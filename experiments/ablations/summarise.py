"""Student accuracy of every variant: python experiments/ablations/summarise.py multirun_outputs/ablations."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from w2s.report.drawing import canvas, save_png
from w2s.report.figures import colours
from w2s.report.load import read_runs

HERE = Path(__file__).parent
LEVELS = (10, 50, 95)


def main(folder: Path) -> None:
    """Write results.csv and figure.png beside this file."""
    rows = []
    for run in read_runs([folder]):
        study, metrics = run.results["config"]["study"], run.results["metrics"]
        settings = {name: study[name] for name in ("trained_on", "labels", "ties", "intercept")}
        accuracies = {
            f"{who}/{level}": metrics[f"synthetic/{level}/{who}"] for who in ("student", "weak") for level in LEVELS
        }
        rows.append({**settings, **accuracies})
    table = pd.DataFrame(rows).sort_values(
        ["trained_on", "labels", "ties", "intercept"], ascending=[True, True, True, False]
    )
    # Ties play no part where no hard-only point is trained on, or where its label is soft.
    plain = (table["trained_on"] != "all") | (table["labels"] == "soft")
    table = table[~(plain & (table["ties"] == "random"))]
    table.round(4).to_csv(HERE / "results.csv", index=False)
    names = [" ".join([r.trained_on, r.labels, r.ties, "" if r.intercept else "no intercept"]) for r in table.itertuples()]
    with canvas(width=7.2, height=4.2) as (figure, (panel,)):
        for level, colour in colours([str(level) for level in LEVELS]).items():
            panel.plot(table[f"student/{level}"], range(len(table)), "o", color=colour, label=f"{level} overlap points")
            panel.axvline(table[f"weak/{level}"].mean(), color=colour, linestyle=":", linewidth=1)
        panel.set_yticks(range(len(names)), names)
        panel.set(xlabel="student accuracy (dotted: the weak model's)", title="What figure 1 rests on")
        panel.legend()
        save_png(figure, HERE / "figure.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
