"""Every detector against planted truth, and its picks against the oracle's."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.pool.preparation import Preparation
from w2s.protocols import Detector
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.intervals import t_half_widths
from w2s.study.detection.evaluation import evaluate_detector, student_accuracy
from w2s.types import Region
from w2s.utils.progress import track
from w2s.utils.ranges import Seed, SeveralFits, checked

if TYPE_CHECKING:
    import pandas as pd

ORACLE, RANDOM = "oracle", "random"
NON_HARD = "planted_non_hard"
"""Random points of the planted easy and overlap blocks: what an oracle that knows only the hard points would pick."""
NON_HARD_DRAWS = 8
SHARE_WITHOUT_OVERLAP = 0.2
"""Points picked where no overlap is planted, as a share of the pool."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Detection:
    """Detectors x planted settings x seeds. Among the detectors stand an `oracle`, and `random` non-hard points.

    Every detector picks as many points as overlap is planted, its highest scores first, so that the oracle picks exactly the
    overlap points. A detector's student is compared with the oracle's and with random's on the same seed. One more row,
    `planted_non_hard`, says whether overlap is worth knowing at all.
    """

    settings: dict[str, Preparation]
    """Planted data sets and the models that read them."""
    detectors: dict[str, Detector]
    seeds: SeveralFits = 20
    """Samples of each setting."""
    seed: Seed = 0
    """The first sample."""

    def __post_init__(self) -> None:
        for name in (ORACLE, RANDOM):
            require(
                name in self.detectors, f"detectors={sorted(self.detectors)}: '{name}' is what the others are held against."
            )

    def check(self) -> None:
        """Refuse a setting that its models or a detector cannot read, or that plants no truth."""
        for setting in self.settings.values():
            for detector in self.detectors.values():
                replace(setting, detector=detector).check()

    def run(self, recorder: Recorder) -> None:
        """Record one row per setting, seed and detector, their means with intervals, and scores over all settings."""
        import pandas as pd

        rows = []
        for k, (name, setting) in enumerate(self.settings.items(), start=1):
            with recorder.stage(name, place=f"setting {k} of {len(self.settings)}"):
                for seed in track(range(self.seed, self.seed + self.seeds), name):
                    rows += self._evaluate(name, setting, seed)
        frame = pd.DataFrame(rows)
        table = summary(frame)
        recorder.table("detection", frame)
        recorder.table("detection_summary", table)
        recorder.record(scores(table))

    def _evaluate(self, name: str, setting: Preparation, seed: int) -> list[dict[str, object]]:
        recipe = replace(setting, data_seed=seed, seed=seed, detector=self.detectors[RANDOM])
        prepared = recipe.prepare(Recorder(quiet=True))
        assert prepared.splits.pool.planted is not None, f"setting {name} plants no truth"
        planted = prepared.splits.pool.planted.open("number of picks")
        size = int(np.sum(planted == Region.OVERLAP)) or int(SHARE_WITHOUT_OVERLAP * len(planted))
        rows = {
            choice: asdict(evaluate_detector(prepared, detector, size=size)) for choice, detector in self.detectors.items()
        }
        draw = generator(seed, "detection", name)
        candidates = np.flatnonzero(planted != Region.HARD)
        picks = [draw.permutation(candidates)[:size] for _ in range(NON_HARD_DRAWS)]
        rows[NON_HARD] = {"size": size, "accuracy": float(np.mean([student_accuracy(prepared, pick) for pick in picks]))}
        return [{"setting": name, "seed": seed, "detector": choice, **row} for choice, row in rows.items()]


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per setting and detector: means over seeds, and paired differences of the students' accuracy.

    `gain` is a detector's student minus random's, `behind` the oracle's minus the detector's; `/se` their standard errors
    over seeds and `/low`, `/high` the t intervals.
    """
    import pandas as pd

    values = frame.drop(columns=["seed"]).groupby(["setting", "detector"], sort=False).mean()
    accuracy = frame.pivot_table(index=["setting", "seed"], columns="detector", values="accuracy", dropna=False)
    for name, difference in (
        ("gain", accuracy.sub(accuracy[RANDOM], axis=0)),
        ("behind", -accuracy.sub(accuracy[ORACLE], axis=0)),
    ):
        by_cell = difference.stack().groupby(["setting", "detector"], sort=False)
        mean, count = by_cell.mean(), by_cell.count()
        error = by_cell.std() / np.sqrt(count)
        half = t_half_widths(np.asarray(error), np.asarray(count))
        values[name], values[f"{name}/se"] = mean, error
        values[f"{name}/low"], values[f"{name}/high"] = mean - half, mean + half
    return pd.DataFrame(values.reset_index())


def scores(table: pd.DataFrame) -> dict[str, float | None]:
    """Each detector's scores over the settings where overlap helps the oracle.

    Overlap helps where the oracle's student beats `planted_non_hard` by more than two standard errors. Means of AUC, useful
    AUC and gain, and in how many of these settings the student is within one standard error of the oracle's, or ahead.
    """
    control = table[table.detector == NON_HARD]
    helped = control.loc[control["behind"] > 2 * control["behind/se"], "setting"]
    found = table[table.setting.isin(helped) & (table.detector != NON_HARD)]
    metrics: dict[str, float | None] = {"detection/settings_helped": float(len(helped))}
    for name, rows in found.groupby("detector", sort=False):
        within = float((rows["behind"] <= rows["behind/se"]).sum())
        values = {"auc": rows["auc"].mean(), "useful_auc": rows["useful_auc"].mean(), "gain": rows["gain"].mean()}
        metrics |= {f"detection/{name}/{key}": _or_none(value) for key, value in (*values.items(), ("within", within))}
    free = found[~found.detector.isin([ORACLE])]
    best = free.loc[free.groupby("setting")["behind"].idxmin()] if len(free) else free
    metrics["detection/best_within"] = float((best["behind"] <= best["behind/se"]).sum())
    return metrics


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
