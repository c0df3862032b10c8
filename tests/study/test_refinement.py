"""Refiners against none and their controls, on planted data where the answer is known."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from tests.pool.pools import Given, recipe, three_classes
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.planted_noise import PlantedNoise
from w2s.errors import ConfigError
from w2s.model import Columns, LogisticProbe, Model
from w2s.pool.preparation import Preparation
from w2s.refiner import Chance, Filter, NeighbourOpinion, NoRefiner, Relabel, Truth, Weigh, Wrong
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import predicted
from w2s.study.refinement import Refinement, equally_right, random_control, summary
from w2s.types import FloatArray, IntArray, Refined

REFINERS = {
    "same": Filter(doubt=Chance(), share=0.0),
    "nothing": Filter(doubt=Chance(), share=1.0),
    "oracle": Relabel(opinion=Truth()),
    "oracle_filter": Filter(doubt=Wrong(), share=0.3),
    "weights": Weigh(doubt=Wrong()),
    "knn": Relabel(opinion=NeighbourOpinion(k=5)),
}


def noisy(rate: float = 0.3, **changes: object) -> Preparation:
    return replace(
        recipe(dataset=PlantedNoise(dataset=Gaussian(easy=60, hard=60, overlap=60, variance=1.0), rate=rate)),
        weak_model=Model(Columns(stop=2), LogisticProbe()),
        strong_model=Model(Columns(start=2), LogisticProbe(l2=0.05)),
        **changes,
    )


@lru_cache
def compared() -> Recorder:
    recorder = Recorder()
    settings = {"noisy": noisy(), "three": recipe(dataset=Given(three_classes()))}
    Refinement(settings=settings, refiners=REFINERS, seeds=3).run(recorder)
    return recorder


def row(refiner: str, setting: str = "noisy") -> pd.Series:
    gains = compared().tables["refinement_gains"].set_index(["refiner", "setting"])
    return gains.loc[(refiner, setting)]


def test_a_refiner_that_does_nothing_gains_nothing_over_anything() -> None:
    for name in ("same", "nothing"):
        for key in ("gain", "over_random", "label_part", "other_part", "dropped", "changed"):
            assert row(name)[key] == 0
        assert compared().metrics[f"refinement/{name}/p_joint"] == 1


def test_the_oracle_gains_and_all_of_it_is_right_labels() -> None:
    assert row("oracle")["gain"] > 0.01
    assert row("oracle")["label_part"] + row("oracle")["other_part"] == pytest.approx(row("oracle")["gain"])
    assert (row("oracle")["precision"], row("oracle")["recall"]) == (1, 1)
    assert row("oracle")["accuracy_after"] == 1


def test_every_refiner_has_a_row_for_each_data_set_and_seed() -> None:
    rows = compared().tables["refinement"]
    assert rows.groupby(["refiner", "setting"])["seed"].nunique().eq(3).all()
    assert len(rows) == len(REFINERS) * 2 * 3


def weak(n: int = 60, n_classes: int = 3) -> tuple[FloatArray, IntArray]:
    draw = np.random.default_rng(0)
    targets = draw.dirichlet(np.ones(n_classes), size=n)
    return targets, np.where(draw.uniform(size=n) < 0.7, predicted(targets), draw.integers(n_classes, size=n))


@pytest.mark.parametrize(("kept", "after"), [(60, 1.0), (60, 0.3), (30, 0.9), (30, 0.0), (50, 0.8)])
def test_the_oracle_of_equal_accuracy_is_as_right_on_as_many_points(kept: int, after: float) -> None:
    targets, truth = weak()
    mask = np.arange(60) < kept
    found = equally_right(Refined(targets, kept=mask), targets, truth, after, np.random.default_rng(1))
    assert found.kept is not None
    assert found.kept.sum() == kept
    assert np.sum((predicted(found.targets) == truth)[found.kept]) == round(after * kept)
    np.testing.assert_allclose(np.sort(found.targets, axis=1), np.sort(targets, axis=1))


def test_the_random_control_keeps_changes_and_weighs_as_many_points() -> None:
    targets, truth = weak()
    labels = targets.copy()
    labels[:9] = np.eye(3)[truth[:9]]
    refined = Refined(labels, weights=np.arange(60.0), kept=np.arange(60) < 40)
    found = random_control(refined, targets, np.random.default_rng(1))
    assert found.kept is not None
    assert found.weights is not None
    assert found.kept.sum() == 40
    assert sorted(found.weights[found.kept]) == list(range(40))
    moved = np.any(found.targets != targets, axis=1)
    assert moved.sum() <= np.sum(predicted(labels) != predicted(targets))
    assert not moved[~found.kept].any()


def test_p_values_are_joint_and_see_a_difference() -> None:
    draw = np.random.default_rng(0)
    rows = []
    for seed in range(12):
        for name, gain in (("good", 0.05), ("none", 0.0)):
            noise = 0.01 * draw.normal()
            base = {"refiner": name, "setting": "a", "seed": seed, "none": 0.7, "random": 0.7, "oracle": 0.7}
            rows.append({**base, "accuracy": 0.7 + gain + noise, "kept": 1.0, "seconds": 0.1})
    by_setting, overall = summary(pd.DataFrame(rows), np.random.default_rng(0))
    p = overall.set_index("refiner")["p_joint"]
    assert p["good"] == pytest.approx(2.0**-11)
    assert p["none"] > 0.05
    assert by_setting.set_index("refiner").loc["good", "p"] == pytest.approx(2.0**-11)


def test_neither_settings_nor_refiners_may_be_missing() -> None:
    with pytest.raises(ConfigError, match="at least one"):
        Refinement(settings={}, refiners={"none": NoRefiner()})


@pytest.mark.parametrize(("where", "rate"), [("anywhere", 0.3), ("last_class", 0.6), ("hard", 0.6)])
def test_planted_errors_are_where_they_were_asked_for(where: str, rate: float) -> None:
    data = PlantedNoise(dataset=Gaussian(easy=400, hard=400, overlap=400), rate=rate, where=where)  # type: ignore[arg-type]
    made = replace(noisy(), dataset=data)
    pool = made.prepare(Recorder())
    truth, regions = pool.splits.pool.labels.open("test"), pool.splits.pool.planted.open("test")  # type: ignore[union-attr]
    errs = pool.weak_classes != truth
    among = {"anywhere": truth >= 0, "last_class": truth == 1, "hard": regions == 1}[where]
    assert errs[among].mean() == pytest.approx(rate, abs=0.06)
    assert not errs[~among].any()


def test_planted_noise_of_points_without_regions_cannot_be_on_hard_ones() -> None:
    from w2s.dataset.digits import Digits
    from w2s.errors import DataError

    with pytest.raises(DataError, match="no regions are planted"):
        PlantedNoise(dataset=Digits(), where="hard").load(0)
