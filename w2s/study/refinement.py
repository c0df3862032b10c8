"""Refiners on planted and real data: the student on refined labels against raw ones, and against controls of equal share."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from w2s.detector import NoDetector
from w2s.errors import require
from w2s.identity import identity
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.pool.refined_labels import learn, measures, normalised
from w2s.protocols import DeclaresColumns, PoolView, Refiner
from w2s.refiner import NoRefiner
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.statistics.intervals import t_half_widths
from w2s.statistics.joint_test import compare
from w2s.types import FloatArray, IntArray, Refined
from w2s.utils.progress import track
from w2s.utils.ranges import Fits, Seed, SeveralFits, checked

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("gain", "low", "high", "p_joint", "over_random", "p_random", "label_part", "other_part")
ASIDE = ("dropped", "precision", "recall", "seconds")


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Refinement:
    """Refiners x data sets x seeds. `gain` is the student on refined labels minus the student on the weak ones.

    Beside each refiner stand a random control of equal share (as many points at random; their weights, and as many labels
    as it changes, dealt anew) and an oracle of equal accuracy: as many random points with as many right labels. The oracle
    minus no refiner is what better labels alone give (`label_part`), the rest is which points they are (`other_part`).
    Planted data are drawn anew for each seed, of others the halves. The settings' own refiners and detectors play no
    part.
    """

    settings: dict[str, Preparation]
    refiners: dict[str, Refiner]
    seeds: SeveralFits = 10
    seed: Seed = 0
    """The first of them."""
    draws: Fits = 1
    """Of each control."""

    def __post_init__(self) -> None:
        require(len(self.settings) > 0 and len(self.refiners) > 0, "settings and refiners each name at least one.")

    def check(self) -> None:
        """Refuse models that cannot read their data set."""
        for recipe in self.settings.values():
            recipe.check()

    def run(self, recorder: Recorder) -> None:
        """Record one row per data set, seed and refiner; gains by data set, and over all of them."""
        import pandas as pd

        for k, (name, recipe) in enumerate(self.settings.items(), start=1):
            with recorder.stage(name, place=f"setting {k} of {len(self.settings)}"):
                for seed in track(range(self.seed, self.seed + self.seeds), name):
                    rows = self._measure(replace(recipe, refiner=NoRefiner(), detector=NoDetector()), seed)
                    recorder.table("refinement", pd.DataFrame(rows).assign(setting=name, seed=seed))
        by_setting, overall = summary(recorder.tables["refinement"], generator(self.seed, "refinement", "signs"))
        recorder.table("refinement_gains", by_setting)
        recorder.table("refinement_overall", overall)
        for row in overall.to_dict("records"):
            recorder.record({f"refinement/{row['refiner']}/{key}": row[key] for key in (*KEYS, *ASIDE)})

    def _measure(self, recipe: Preparation, seed: int) -> list[dict[str, object]]:
        planted = isinstance(recipe.dataset, DeclaresColumns) and "planted" in recipe.dataset.provides
        data_seed = seed if planted else recipe.data_seed
        prepared = replace(recipe, seed=seed, data_seed=data_seed).prepare(
            Recorder(quiet=True), truth_for="study=refinement"
        )
        view = PoolView(prepared.evidence, prepared.learners.probe, prepared.splits.pool.labels)
        truth = prepared.splits.pool.truth("evaluation of the refiners")
        plain = accuracy(prepared, Refined(prepared.targets))
        return [{"refiner": name, "none": plain, **self._one(name, prepared, view, truth)} for name in self.refiners]

    def _one(self, name: str, prepared: PreparedPool, view: PoolView, truth: IntArray) -> dict[str, object]:
        start = time.perf_counter()
        refined = normalised(self.refiners[name].refine(view, prepared.targets))
        seconds = time.perf_counter() - start
        if refined.kept is not None and not refined.kept.any():
            refined = Refined(prepared.targets)
        found = measures(refined, prepared.targets, truth)
        after = found["refiner/accuracy_after"]
        assert after is not None, "some point is kept"
        controls: dict[str, list[float]] = {"random": [], "oracle": []}
        for k in range(self.draws):
            draw = generator(prepared.seed, "refinement", name, k)
            controls["random"].append(accuracy(prepared, random_control(refined, prepared.targets, draw)))
            controls["oracle"].append(accuracy(prepared, equally_right(refined, prepared.targets, truth, after, draw)))
        return {
            "accuracy": accuracy(prepared, refined),
            **{control: float(np.mean(values)) for control, values in controls.items()},
            **{key.removeprefix("refiner/"): value for key, value in found.items()},
            "seconds": seconds,
        }


def accuracy(prepared: PreparedPool, refined: Refined) -> float:
    """Test accuracy of a student of refined labels."""
    student = learn(prepared.learners.student, prepared.strong_pool, refined, prepared.fit_on, prepared.validation)
    return float(np.mean(prepared.right_on_test(student)))


def random_control(refined: Refined, targets: FloatArray, draw: np.random.Generator) -> Refined:
    """As many random points, with the refiner's weights dealt anew, and as many labels as it changed dealt among points."""
    points = np.flatnonzero(np.ones(len(targets)) if refined.kept is None else refined.kept)
    changed = int(np.sum(predicted(refined.targets[points]) != predicted(targets[points])))
    chosen = draw.permutation(len(targets))[: len(points)]
    labels, kept = targets.copy(), np.isin(np.arange(len(targets)), chosen)
    labels[chosen[:changed]] = targets[draw.permutation(chosen[:changed])]
    weights = None
    if refined.weights is not None:
        weights = np.zeros(len(targets))
        weights[chosen] = refined.weights[points]
    return Refined(labels, weights, kept)


def equally_right(
    refined: Refined, targets: FloatArray, truth: IntArray, after: float, draw: np.random.Generator
) -> Refined:
    """Oracle: as many random points, of which a share `after` is right.

    Where the weak labels hold too few right ones, wrong ones are put right: the probabilities of the weak and the true class
    change places; where too few are wrong, right ones change with another class.
    """
    n, n_classes = targets.shape
    weak = predicted(targets)
    size = n if refined.kept is None else int(refined.kept.sum())
    wanted = round(after * size), size - round(after * size)
    sides = [draw.permutation(np.flatnonzero(side)) for side in (weak == truth, weak != truth)]
    taken = [side[:count] for side, count in zip(sides, wanted, strict=True)]
    short = [count - len(side) for side, count in zip(taken, wanted, strict=True)]
    labels = targets.copy()
    if short[0]:
        mended = sides[1][wanted[1] : wanted[1] + short[0]]
        _swap(labels, mended, weak[mended], truth[mended])
        taken.append(mended)
    if short[1]:
        spoilt = sides[0][wanted[0] : wanted[0] + short[1]]
        _swap(labels, spoilt, weak[spoilt], (weak[spoilt] + draw.integers(1, n_classes, size=len(spoilt))) % n_classes)
        taken.append(spoilt)
    return Refined(labels, kept=np.isin(np.arange(n), np.concatenate(taken)))


def _swap(labels: FloatArray, points: IntArray, first: IntArray, second: IntArray) -> None:
    labels[points, first], labels[points, second] = labels[points, second].copy(), labels[points, first].copy()


def summary(rows: pd.DataFrame, draw: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means by data set with standard errors and joint p-values over seeds, and over all with t intervals over data sets.

    `p_joint` and `p_random` are two-sided max-T p-values over the refiners, of the gain over no refiner and over the random
    control; signs are flipped by data set and seed.
    """
    import pandas as pd

    table = rows.assign(
        gain=rows["accuracy"] - rows["none"],
        over_random=rows["accuracy"] - rows["random"],
        label_part=rows["oracle"] - rows["none"],
        other_part=rows["accuracy"] - rows["oracle"],
        dropped=1 - rows["kept"],
    )
    numbers = table.drop(columns=["refiner", "setting", "seed"]).astype(float)
    table = pd.concat([table[["refiner", "setting", "seed"]], numbers], axis=1)
    grouped = table.drop(columns="seed").groupby(["refiner", "setting"], sort=False)
    by_setting = grouped.mean()
    by_setting["se"] = grouped["gain"].sem()
    for part in table["setting"].unique():
        inside = table[table["setting"] == part]
        p = joint(inside, "gain", draw)
        by_setting.loc[[(name, part) for name in p.index], "p"] = p.to_numpy()
    overall = by_setting.drop(columns=["se", "p"]).groupby("refiner", sort=False).mean()
    over_sets = by_setting["gain"].groupby("refiner", sort=False)
    half = t_half_widths(over_sets.sem().to_numpy(), over_sets.count().to_numpy())
    overall["low"], overall["high"] = overall["gain"] - half, overall["gain"] + half
    overall["p_joint"], overall["p_random"] = joint(table, "gain", draw), joint(table, "over_random", draw)
    return by_setting.reset_index(), overall.reset_index()


def joint(table: pd.DataFrame, column: str, draw: np.random.Generator) -> pd.Series[float]:
    """Two-sided joint p-value of each refiner's mean difference."""
    import pandas as pd

    wide = table.pivot_table(index=["setting", "seed"], columns="refiner", values=column)
    return pd.Series(compare(wide.to_numpy(dtype=np.float64), draw).p, index=wide.columns)
