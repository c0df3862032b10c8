"""Means over seeds of the finished runs: results.csv and figure.png.

python experiments/selection_published/summarise.py multirun_outputs/selection_{published,rebalanced}
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

from w2s.report.load import Run, read_runs

HERE = Path(__file__).parent
METRICS = ["accuracy", "random_accuracy", "density", "regret", "true_regret"]
PUBLISHED = "selection_published"


def rows(run: Run) -> pd.DataFrame:
    """The rounds of the run's own policy, with what was compared."""
    frame = pd.read_parquet(run.folder / "rounds.parquet")
    own = frame[frame["policy"] == frame["policy"].iloc[0]]
    preparation = run.ended.config["preparation"]
    target = preparation["dataset"]["_target_"].rsplit(".", 1)[1].lower()
    known = " (true regions)" if preparation["detector"]["_target_"].endswith("OracleDetector") else ""
    return own.assign(
        protocol=run.ended.experiment,
        dataset=("sst2" if target == "hub" else target) + known,
        seed=run.ended.seed,
        random_accuracy=run.metrics["selection/random_accuracy"],
    )


def main(folders: list[Path]) -> None:
    """Read the runs below `folders`; runs whose selection was skipped are counted, not drawn."""
    runs = [run for run in read_runs(folders) if run.ok]
    skipped = sum("selection" in run.ended.skipped for run in runs)
    rounds = pd.concat([rows(run) for run in runs if "selection" not in run.ended.skipped], ignore_index=True)
    last = rounds.sort_values("round").groupby(["protocol", "dataset", "policy", "seed"], as_index=False).last()
    table = last.groupby(["protocol", "dataset", "policy"])[METRICS].agg(["mean", "std"])
    table.columns = [f"{metric}{'' if which == 'mean' else '_sd'}" for metric, which in table.columns]
    table["seeds"] = last.groupby(["protocol", "dataset", "policy"]).size()
    table.round(4).to_csv(HERE / "results.csv")
    sys.stdout.write(f"{table.round(3).to_string()}\n{skipped} of {len(runs)} runs skipped their selection\n")
    draw(rounds[rounds["protocol"] == PUBLISHED])


def draw(rounds: pd.DataFrame) -> None:
    """Accuracy above, density of what was bought below; one column a data set, means over seeds."""
    mpl.use("Agg")
    datasets = sorted(rounds["dataset"].unique())
    figure, panels = plt.subplots(2, len(datasets), figsize=(3.6 * len(datasets), 5), squeeze=False, layout="constrained")
    for column, dataset in enumerate(datasets):
        means = rounds[rounds["dataset"] == dataset].groupby(["policy", "round"])[["accuracy", "density"]].mean()
        for policy, curve in means.groupby(level=0):
            for row, metric in enumerate(("accuracy", "density")):
                panels[row, column].plot(curve.loc[policy].index, curve.loc[policy][metric], label=policy)
        panels[0, column].set(title=dataset, ylabel="student accuracy")
        panels[1, column].set(xlabel="round", ylabel="overlap density bought")
    panels[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(HERE / "figure.png", dpi=150)


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
