"""What rules of choice come to, by set: python experiments/choice/summarise.py FOLDER, with what the other scripts wrote."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
RULES = {"noise": ["noise_matched"], "both": ["noise_matched", "refined_belief"]}
ERRORS = (0.0, 0.5, 1.0, 1.5, 2.0)
CELL = ["study", "setting", "seed"]


def chosen(trials: pd.DataFrame, candidates: Sequence[str], errors: float) -> pd.Series:
    """The gain of the picks of each pool: the best candidate's where it proves itself, else none."""
    margin = (trials["trial"] - errors * trials["error"]).where(trials["size"] > 0)
    own = trials.assign(margin=margin)[trials["candidate"].isin(candidates)]
    best = own.sort_values("margin", kind="stable").groupby(CELL, sort=False).tail(1).set_index(CELL)
    return best["gain"].where(best["margin"] > 0, 0.0).fillna(0.0)


def main(folder: Path) -> None:
    """Write results.csv, spread.csv and labels.csv beside this file."""
    files = sorted(folder.glob("trials_*.csv"))
    trials = pd.concat([pd.read_csv(file).assign(study=file.stem.removeprefix("trials_")) for file in files])
    columns = {name: trials[trials["candidate"] == name].set_index(CELL)["gain"].fillna(0.0) for name in RULES["both"]}
    columns |= {f"{rule} {z}": chosen(trials, names, z) for rule, names in RULES.items() for z in ERRORS}
    gains = pd.DataFrame(columns).groupby(level=["study", "setting"], sort=False)
    table = pd.concat({"gain": gains.mean(), "se": gains.sem()}).rename_axis(["figure", "study", "setting"])
    table.round(4).to_csv(HERE / "results.csv")
    for name, keys in (("spread", ["setting", "from", "how"]), ("labels", ["setting", "labels"])):
        file = folder / f"{name}.csv"
        if file.exists():
            found = pd.read_csv(file).groupby(keys, sort=False)
            means = found.mean(numeric_only=True).drop(columns=["seed", "all"], errors="ignore")
            means.round(4).to_csv(HERE / f"{name}.csv")
    sys.stdout.write(f"{table.loc['gain'].mul(100).round(1).to_string()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
