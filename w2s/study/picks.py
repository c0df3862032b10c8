"""Detectors on real data: the student on each detector's picks against every control, over seeds and data sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from w2s.errors import require
from w2s.identity import identity
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.protocols import Detector
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.intervals import t_half_widths
from w2s.statistics.joint_test import one_sided
from w2s.study.subsets import (
    TrainingSubset,
    common_controls,
    correctness_on_test,
    largest_balanced,
    overlap_subset,
    own_controls,
)
from w2s.types import Region
from w2s.utils.progress import track
from w2s.utils.ranges import Fits, Seed, SeveralFits, checked

if TYPE_CHECKING:
    import pandas as pd

NON_HARD = "random_non_hard"
COMMON = "controls"


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class PickComparison:
    """Detectors x data sets x seeds. All subsets of a data set and seed train on equally many points, plain and balanced.

    `gain` is the student on random overlap points minus the student on random non-hard points, both class-balanced; the
    accuracy-matched oracle splits it into what cleaner labels give and the rest. The non-hard points are those of the first
    detector, as all share the same hard step by default.
    """

    settings: dict[str, Preparation]
    detectors: dict[str, Detector]
    seeds: SeveralFits = 10
    """Halvings of each data set."""
    seed: Seed = 0
    """The first of them."""
    draws: Fits = 8
    """Draws of each subset."""
    share: Annotated[float, Gt(0), Le(1)] = 0.1
    """Largest pick, as a share of the pool."""
    fewest: Annotated[int, Ge(2)] = 72
    """A detector with fewer overlap points that can be balanced is left out for that data set and seed."""

    def __post_init__(self) -> None:
        require(len(self.settings) > 0 and len(self.detectors) > 0, "settings and detectors each name at least one.")

    def check(self) -> None:
        """Refuse a detector that cannot read one of the data sets."""
        for recipe in self.settings.values():
            for detector in self.detectors.values():
                replace(recipe, detector=detector).check()

    def run(self, recorder: Recorder) -> None:
        """Record one row per data set, seed, detector and subset; gains by data set, and over all of them."""
        import pandas as pd

        for k, (name, recipe) in enumerate(self.settings.items(), start=1):
            with recorder.stage(name, place=f"setting {k} of {len(self.settings)}"):
                for seed in track(range(self.seed, self.seed + self.seeds), name):
                    prepared = replace(recipe, seed=seed).prepare(Recorder(quiet=True))
                    recorder.table("picks", pd.DataFrame(self._measure(prepared)).assign(setting=name, seed=seed))
        picks = recorder.tables["picks"]
        compared = set(picks.loc[picks["detector"] != COMMON, "setting"])
        for name in self.settings.keys() - compared:
            recorder.skip(f"picks/{name}", f"no detector finds {self.fewest} overlap points of even weak classes there")
        if not compared:
            return
        gains = gains_of(picks)
        by_setting, overall = summary(gains)
        recorder.table("picks_gains", by_setting)
        recorder.table("picks_overall", overall)
        for row in overall.itertuples():
            recorder.record({f"picks/{row.detector}/{key}": getattr(row, key) for key in ("gain", "low", "high", "p_joint")})

    def _measure(self, prepared: PreparedPool) -> list[dict[str, object]]:
        views = {
            name: replace(prepared, partition=prepared.partition_by(detector)) for name, detector in self.detectors.items()
        }
        cap = int(self.share * len(prepared.evidence))
        overlap = {
            name: view.target_classes[view.kept_among(view.partition.members(Region.OVERLAP))]
            for name, view in views.items()
        }
        able = {name: largest_balanced(classes, prepared.n_classes, at_most=cap) for name, classes in overlap.items()}
        size = min([cap, *(n for n in able.values() if n >= self.fewest)])
        size -= size % prepared.n_classes
        rows: list[dict[str, object]] = []
        for k, (name, view) in enumerate(views.items()):
            subsets = [(COMMON, subset) for subset in common_controls(view)] if k == 0 else []
            if able[name] >= self.fewest:
                subsets += [(name, subset) for subset in (overlap_subset(view), *own_controls(view))]
            for detector, subset in subsets:
                rows += [
                    self._measure_subset(prepared, detector, subset, size, balanced=balanced) for balanced in (False, True)
                ]
        return rows

    def _measure_subset(
        self, prepared: PreparedPool, detector: str, subset: TrainingSubset, size: int, *, balanced: bool
    ) -> dict[str, object]:
        """Mean test accuracy of the subset's students, and the share of right weak labels among its picks."""
        draws = [
            generator(prepared.seed, "picks", detector, subset.stream or subset.name, str(balanced), k)
            for k in range(self.draws)
        ]
        picks = [pick for draw in draws if (pick := subset.sample(size, draw, balanced=balanced)) is not None]
        row = {
            "detector": detector,
            "subset": subset.name,
            "balanced": balanced,
            "size": size,
            "accuracy": None,
            "labels": None,
        }
        if len(picks) < self.draws:
            return row
        row["accuracy"] = float(np.mean(correctness_on_test(prepared, subset, picks)))
        if subset.name != "gold" and prepared.has_truth:
            right = prepared.target_classes == prepared.splits.pool.truth("label accuracy of picks")
            row["labels"] = float(np.mean([right[p].mean() for p in picks]))
        return row


def gains_of(picks: pd.DataFrame) -> pd.DataFrame:
    """One row per data set, seed and detector: balanced gain over random non-hard, and its two parts.

    `label_part` is the accuracy-matched oracle minus random non-hard, `other_part` the rest; NaN where a subset has too few
    points.
    """
    import pandas as pd

    balanced = picks[picks["balanced"]].astype({"accuracy": float, "labels": float})
    base = balanced[(balanced.detector == COMMON) & (balanced.subset == NON_HARD)].set_index(["setting", "seed"])
    own = balanced[balanced.detector != COMMON]
    table = own.pivot_table(
        index=["setting", "seed", "detector"], columns="subset", values="accuracy", dropna=False, sort=False
    )
    labels = own[own.subset == "1.0"].set_index(["setting", "seed", "detector"])["labels"]
    cells = [table.index.get_level_values(name) for name in ("setting", "seed")]
    control = base.reindex(pd.MultiIndex.from_arrays(cells))
    table = table.reindex(
        columns=[*table.columns, *({"accuracy_matched", "easy"} - set(table.columns))]
    )  # no oracle without truth
    table = table.assign(
        gain=table["1.0"] - control["accuracy"].to_numpy(),
        label_part=table["accuracy_matched"] - control["accuracy"].to_numpy(),
        other_part=table["1.0"] - table["accuracy_matched"],
        over_easy=table["1.0"] - table["easy"],
        labels=labels,
        labels_non_hard=control["labels"].to_numpy(),
    )
    return table.dropna(subset=["gain"]).reset_index()


def summary(gains: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gains by data set with standard errors over seeds, and overall with an interval over data sets and joint p-values.

    The overall gain is the mean of the data sets' means, its interval the t interval over sets (NaN for one set); `p_joint`
    is the max-T p-value over the detectors, signs flipped by data set and seed, one-sided for gain > 0.
    """
    import pandas as pd

    columns = ["gain", "label_part", "other_part", "over_easy", "labels", "labels_non_hard", "1.0"]
    grouped = gains.groupby(["detector", "setting"], sort=False)
    by_setting = grouped[columns].mean().rename(columns={"1.0": "accuracy"})
    by_setting["se"], by_setting["seeds"] = grouped["gain"].sem(), grouped["gain"].count()
    over_sets = by_setting["gain"].groupby("detector", sort=False)
    count = over_sets.count()
    half = t_half_widths(over_sets.sem().to_numpy(), count.to_numpy())
    overall = pd.DataFrame({"gain": over_sets.mean(), "low": over_sets.mean() - half, "high": over_sets.mean() + half})
    overall["sets"] = count
    wide = gains.pivot_table(index=["setting", "seed"], columns="detector", values="gain", dropna=False)
    overall["p_joint"] = pd.Series(one_sided(wide.to_numpy(dtype=np.float64)), index=wide.columns)
    return by_setting.reset_index(), overall.reset_index()
