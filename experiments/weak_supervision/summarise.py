"""Means over seeds of the finished runs, beside the published ones: results.csv and figure.png.

python experiments/weak_supervision/summarise.py multirun_outputs/weak_supervision
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

from w2s.report.load import read_runs

HERE = Path(__file__).parent
PUBLISHED = {
    "youtube": {
        "weak/pool_accuracy": 0.729,
        "student/accuracy": 0.834,
        "ceiling/accuracy": 0.871,
        "overlap/weak_accuracy": 0.886,
        "outside/weak_accuracy": 0.510,
        "mixing/0.0": 0.611,
        "mixing/0.5": 0.808,
        "mixing/1.0": 0.832,
    },
    "sms": {
        "weak/pool_accuracy": 0.649,
        "student/accuracy": 0.704,
        "ceiling/accuracy": 0.973,
        "overlap/weak_accuracy": 0.971,
        "outside/weak_accuracy": 0.510,
        "mixing/0.0": 0.522,
        "mixing/0.5": 0.743,
        "mixing/1.0": 0.916,
    },
}
"""Means over 25 seeds of the publication (arXiv 2412.03881), weak-supervision setting."""
FEATURES = {"Tfidf": "words", "TfidfSvd": "svd", "MiniLM": "minilm"}
COMPARED = ["set", "features", "weak_model", "labels", "detector"]
CONTROLS = ("random", "random_non_hard", "most_confident", "true_labels", "gold")


def compared_of(config: Mapping[str, Any]) -> dict[str, str]:
    """What is compared: the data set and the choices that differ between the commands of the README."""
    preparation = config["preparation"]
    strong, detector = preparation["strong_model"], preparation["detector"]
    name, passes = detector["_target_"].rsplit(".", 1)[1], detector.get("passes", 1)
    representation = strong.get("representation", {}).get("_target_", "MiniLM").rsplit(".", 1)[-1]
    return {
        "set": Path(preparation["dataset"]["path"]).name.removeprefix("wrench_"),
        "features": FEATURES[representation],
        "weak_model": preparation["weak_model"]["learner"]["_target_"].rsplit(".", 1)[1],
        "labels": preparation["labels"],
        "detector": name if passes == 1 else f"{name}, {passes} passes",
    }


def outside(metrics: Mapping[str, float | None]) -> float | None:
    """Share of right weak labels among the easy and hard points together."""
    pairs = [(metrics[f"overlap/{region}"], metrics[f"{region}/weak_accuracy"]) for region in ("easy", "hard")]
    present = [(share, accuracy) for share, accuracy in pairs if share and accuracy is not None]
    return sum(share * accuracy for share, accuracy in present) / sum(share for share, _ in present) if present else None


def main(folders: list[str]) -> None:
    """Write both files."""
    rows = []
    for run in read_runs(map(Path, folders)):
        if run.ok:
            metrics = {**run.metrics, "outside/weak_accuracy": outside(run.metrics)}
            compared = compared_of(run.ended.config)
            rows += [{**compared, "seed": run.ended.seed, "metric": name, "value": value} for name, value in metrics.items()]
    values = pd.DataFrame(rows).astype({"value": float})
    values = values.drop_duplicates([*COMPARED, "seed", "metric"])
    table = values.groupby([*COMPARED, "metric"])["value"].agg(mean="mean", sd="std", seeds="count").reset_index()
    table = table[table["seeds"] > 0]
    published = [PUBLISHED[row.set].get(row.metric) for row in table.itertuples()]
    table.assign(published=published).round(4).to_csv(HERE / "results.csv", index=False)
    draw(table)


def draw(table: pd.DataFrame) -> None:
    """The mixing curves of the published protocol with the controls of equal size, one panel for each data set."""
    mpl.use("Agg")
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
    protocol = table[(table.weak_model == "SnorkelLabelModel") & (table.detector == "MaxAbsCosine")]
    shares = [k / 10 for k in range(11)]
    for panel, (name, published) in zip(panels, PUBLISHED.items(), strict=True):
        for features, colour in zip(FEATURES.values(), ("tab:blue", "tab:green", "tab:orange"), strict=True):
            means = protocol[(protocol.set == name) & (protocol.features == features)].set_index("metric")
            if means.empty:
                continue
            curve = means.reindex([f"mixing/{share:.1f}" for share in shares])
            panel.errorbar(shares, curve["mean"], yerr=curve["sd"], color=colour, label=f"measured, {features}", capsize=2)
            if features == "words":
                for control, style in zip(CONTROLS, ("-", "--", "-.", ":", (0, (1, 5))), strict=True):
                    height = means["mean"].get(f"mixing/{control}", float("nan"))
                    panel.axhline(height, color="grey", linestyle=style, linewidth=1, label=f"{control}, {features}")
        points = {share: published[f"mixing/{share:.1f}"] for share in (0.0, 0.5, 1.0)}
        panel.plot(points.keys(), points.values(), "k*", markersize=10, label="published")
        panel.set(title=name, xlabel="share of overlap points", ylim=(0.45, 1))
    panels[0].set_ylabel("test accuracy of the student")
    panels[1].legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(HERE / "figure.png", dpi=110)


if __name__ == "__main__":
    main(sys.argv[1:])
