from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tests.study.apply.fitted_runs import table
from w2s.dataset.digits import Digits
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.table import Table
from w2s.detector import MaxAbsCosine, NoDetector, OracleDetector
from w2s.errors import ConfigError
from w2s.model import Columns, LogisticProbe, Model, Raw, TopRows
from w2s.policy import UCB, Oracle, Random, Thompson
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.study import OnPool
from w2s.study.selection.assessors import PoolAssessor
from w2s.study.selection.purchases import run_policy
from w2s.study.selection.selection import METRICS, Selection
from w2s.study.selection.sources import Sources
from w2s.types import Region

COLUMNS = "policy round source n n_overlap density true_density cost regret true_regret accuracy".split()


def preparation(seed=0, detector=None, **blocks):
    return Preparation(
        dataset=Gaussian(**blocks),
        weak_model=Model(Columns(start=None, stop=20), LogisticProbe(C=1.0, intercept=False)),
        strong_model=Model(Raw(), LogisticProbe()),
        detector=detector or OracleDetector(),
        seed=seed,
    )


def ran(policy=UCB, seed=0, detector=None, blocks=None, **arguments):
    recorder = Recorder()
    recipe = preparation(seed, detector, **(blocks or {}))
    selection = Selection(policy=policy, baseline=Random, **arguments)
    OnPool(recipe, (selection,)).run(recorder)
    return recorder


@pytest.fixture(scope="module")
def default():
    return ran()


def test_rounds_have_the_promised_columns_for_the_policy_and_its_baseline(default):
    rounds = default.tables["rounds"]
    assert list(rounds.columns) == COLUMNS
    assert rounds.groupby("policy").size().to_dict() == {"ucb": 50, "random": 50}


def test_the_metrics_are_those_of_the_last_round(default):
    last = default.tables["rounds"].query("policy == 'ucb'").iloc[-1]
    for name in ("accuracy", "density", "regret", "true_regret"):
        assert default.metrics[f"selection/{name}"] == pytest.approx(last[name])
    assert 0.4 < default.metrics["selection/random_accuracy"] < 1


def test_with_a_detector_that_knows_the_truth_both_regrets_are_one(default):
    rounds = default.tables["rounds"]
    np.testing.assert_allclose(rounds["regret"], rounds["true_regret"])


def test_points_say_whether_when_and_why_they_were_chosen(default):
    points = default.tables["points"].query("split == 'pool'")
    chosen = points[points["chosen"].astype(bool)]
    rounds = default.tables["rounds"].query("policy == 'ucb'")
    assert len(chosen) == rounds["n"].sum()
    assert chosen.groupby("round").size().tolist() == rounds["n"].tolist()
    assert chosen["reason"].str.startswith("ucb chose source").all()
    assert points["source"].isin(["source 1", "source 2"]).all()
    assert not points[~points["chosen"].astype(bool)]["reason"].notna().any()


def test_density_counts_what_was_bought(default):
    points = default.tables["points"].query("split == 'pool'")
    chosen = points[points["chosen"].astype(bool)]
    assert default.metrics["selection/density"] == pytest.approx(np.mean(chosen["region"] == "overlap"))


def test_the_oracle_has_zero_true_regret():
    assert ran(Oracle).metrics["selection/true_regret"] == 0


def test_the_tracker_sees_the_rounds_of_the_policy_and_of_its_baseline(monkeypatch):
    steps = []
    monkeypatch.setattr(Recorder, "step", lambda self, metrics, step: steps.append((step, metrics)))
    rounds = ran(rounds=4).tables["rounds"]
    own, baseline = (rounds[rounds["policy"] == name]["accuracy"].tolist() for name in ("ucb", "random"))
    assert [metrics["selection/accuracy"] for _, metrics in steps if "selection/accuracy" in metrics] == own
    assert [
        metrics["selection/random_accuracy"] for _, metrics in steps if "selection/random_accuracy" in metrics
    ] == baseline
    assert [step for step, _ in steps] == [1, 2, 3, 4] * 2


def test_a_policy_that_is_its_own_baseline_is_listed_once():
    rounds = ran(Random, rounds=10).tables["rounds"]
    assert rounds["policy"].tolist() == ["random"] * 10


@pytest.mark.parametrize("maker", [UCB, Thompson])
def test_by_default_a_policy_beats_random_in_true_regret_on_planted_truth_in_19_of_20_seeds(maker):
    won = 0
    for seed in range(20):
        prepared = preparation(seed).prepare(Recorder())
        won += true_regret(maker, prepared) < true_regret(Random, prepared)
    assert won >= 19


def true_regret(maker, prepared):
    """The true regret of a policy under the study's defaults, without training a student."""
    study, partition = Selection(policy=maker, baseline=Random), prepared.partition
    source_set = study.sources.build(prepared.splits.pool, partition, generator(prepared.seed, "selection", "sources"))
    assessor = PoolAssessor(partition.regions == Region.OVERLAP)
    trace = run_policy(source_set, maker, study.plan(source_set, Recorder()), assessor, seed=prepared.seed)
    return trace.regret(source_set, source_set.true).sum()


def test_without_a_detector_selection_is_skipped_and_says_why():
    recorder = ran(detector=NoDetector())
    assert "none" in recorder.skipped["selection"]
    assert all(recorder.metrics[name] is None for name in METRICS)


@pytest.mark.parametrize("empty", ["easy", "hard"])
def test_an_empty_region_is_no_obstacle(empty):
    assert ran(blocks={empty: 0}, rounds=5).metrics["selection/accuracy"] is not None


def test_without_overlap_selection_is_skipped():
    assert "selection" in ran(blocks={"overlap": 0}).skipped


def test_a_tiny_pool_is_bought_and_then_the_rounds_end():
    recorder = ran(blocks={"easy": 3, "hard": 2, "overlap": 3}, rounds=50)
    rounds = recorder.tables["rounds"].query("policy == 'ucb'")
    assert rounds["n"].sum() == 8
    assert len(rounds) == 8


def test_a_budget_is_spent_to_the_last_point():
    rounds = ran(budget=103, rounds=10).tables["rounds"]
    assert rounds.groupby("policy")["n"].sum().to_dict() == {"ucb": 103, "random": 103}
    assert rounds["cost"].max() == 103


def test_a_budget_above_the_pool_buys_it_all_and_says_so():
    recorder = ran(budget=1_000, rounds=10)
    assert recorder.tables["rounds"].query("policy == 'ucb'")["n"].sum() == 250
    assert "buys the whole pool" in recorder.notes[-1]


def test_rounds_that_buy_everything_are_noted_and_fewer_are_not():
    """250 points: 50 rounds of 5 buy them all, of 4 they do not."""
    notes = {}
    for batch in (4, 5):
        notes[batch] = [note for note in ran(batch=batch, rounds=50).notes if "whole pool" in note]
    assert notes[4] == []
    assert len(notes[5]) == 1


def test_prices_turn_the_budget_into_money():
    recorder = ran(budget=200.0, rounds=20, sources=Sources(prices=(1.0, 3.0)))
    rounds = recorder.tables["rounds"].query("policy == 'ucb'")
    expected = (rounds["n"] * rounds["source"].map({"source 1": 1.0, "source 2": 3.0})).cumsum()
    np.testing.assert_allclose(rounds["cost"], expected)
    assert 0 <= 200 - rounds["cost"].max() < 3  # what is left buys no point of a source that holds any


def test_one_source_has_no_regret():
    recorder = ran(sources=Sources(shares=(1.0,)), rounds=5)
    assert recorder.metrics["selection/true_regret"] == 0


def test_training_on_overlap_alone_is_another_student():
    collected, overlap = (ran(train_on=name, rounds=10) for name in ("collected", "overlap"))
    assert collected.tables["rounds"]["n"].tolist() == overlap.tables["rounds"]["n"].tolist()
    assert collected.tables["rounds"]["accuracy"].tolist() != overlap.tables["rounds"]["accuracy"].tolist()


def test_on_real_data_true_densities_are_unknown():
    recorder = Recorder()
    recipe = Preparation(
        dataset=Digits(),
        weak_model=Model(TopRows(rows=4, width=8), LogisticProbe(C=1.0)),
        strong_model=Model(Raw(), LogisticProbe()),
        detector=MaxAbsCosine(),
    )
    OnPool(recipe, (Selection(policy=UCB, baseline=Random, rounds=5),)).run(recorder)
    assert recorder.metrics["selection/true_regret"] is None
    assert recorder.tables["rounds"]["true_density"].isna().all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"rounds": 0}, "rounds=0"),
        ({"batch": 0}, "batch=0"),
        ({"budget": 0.0}, "budget=0"),
        ({"budget": -5.0}, "budget=-5"),
        ({"draws": 0}, "draws=0"),
        ({"policy": partial(UCB, bonus=-1.0)}, "bonus=-1"),
    ],
)
def test_wrong_arguments_are_refused_when_the_study_is_made(arguments, said):
    with pytest.raises(ConfigError, match=said):
        Selection(**{"policy": UCB, "baseline": Random, **arguments})


def test_an_audit_adds_the_share_of_right_labels_of_each_source_and_changes_nothing_else(default):
    audited = ran(audit=40)
    sources = audited.tables["sources"]
    assert ((sources["label_low"] < sources["label_accuracy"]) & (sources["label_accuracy"] < sources["label_high"])).all()
    assert 0.3 < audited.metrics["selection/label_accuracy/source 1"] < 1
    assert "label_accuracy" not in default.tables["sources"]
    for name in METRICS:
        assert audited.metrics[name] == default.metrics[name]


def test_an_audit_of_every_point_is_exact():
    recorder = ran(audit=1_000)
    sources = recorder.tables["sources"]
    whole = float(np.average(sources["label_accuracy"], weights=sources["size"]))
    assert whole == pytest.approx(recorder.metrics["weak/pool_accuracy"])


@pytest.mark.parametrize("detection", ["history", "refit"])
def test_detection_from_what_was_bought_alone_knows_less_than_the_pool(detection):
    recorder = ran(detector=MaxAbsCosine(), detection=detection, rounds=12)
    rounds = recorder.tables["rounds"].query("policy == 'ucb'")
    assert rounds["n"].sum() > 0
    assert recorder.skipped.get("selection") is None


def test_a_detector_that_follows_no_batches_is_refused_by_name():
    selection = Selection(policy=UCB, baseline=Random, detection="history")
    OnPool(preparation(detector=MaxAbsCosine()), (selection,)).check()
    with pytest.raises(ConfigError, match="OracleDetector follows no batches"):
        OnPool(preparation(detector=OracleDetector()), (selection,)).check()


def test_a_student_every_few_rounds_is_the_one_of_every_round(default):
    sparse = ran(retrain_every=7)
    often, seldom = (each.tables["rounds"].query("policy == 'ucb'")["accuracy"].to_numpy() for each in (default, sparse))
    trained = np.flatnonzero(np.isfinite(seldom))
    assert trained.tolist() == list(range(0, 50, 7))  # 49 is the last round
    np.testing.assert_allclose(seldom[trained], often[trained], atol=1e-3)
    assert sparse.metrics["selection/accuracy"] == pytest.approx(default.metrics["selection/accuracy"], abs=1e-3)
    assert Selection(policy=UCB, baseline=Random, retrain_every=7).fits == Selection(policy=UCB, baseline=Random).fits - 42


def dated(folder, period):
    frame = table(600)
    frame.to_parquet(folder / "dated.parquet")
    data = Table(path=str(folder / "dated.parquet"), features="x*", source="source", date="created", period=period)
    return replace(preparation(), dataset=data, weak_model=Model(Columns(stop=3), LogisticProbe()), detector=MaxAbsCosine())


def test_dates_are_bought_one_period_after_the_other(tmp_path):
    recorder = Recorder()
    selection = Selection(policy=Thompson, baseline=Random, rounds=8, draws=2, gold_draws=0)
    OnPool(dated(tmp_path, "month"), (selection,)).run(recorder)
    rounds, periods = recorder.tables["rounds"], recorder.tables["periods"]
    assert rounds.query("policy == 'thompson'")["period"].tolist() == ["2026-10"] * 4 + ["2026-11"] * 4
    assert len(periods) == 6
    assert periods["take"].sum() == rounds.query("policy == 'thompson'")["n"].sum()
    assert any("2 from 2026-10 to 2026-11" in note for note in recorder.notes)


def test_more_periods_than_rounds_are_refused_beforehand_or_told_instead_of_the_selection(tmp_path):
    recipe, selection = dated(tmp_path, "day"), Selection(policy=Thompson, baseline=Random, rounds=8)
    with pytest.raises(ConfigError, match=r"rounds=8: the pool's dates are of 30 periods.*dataset\.period=month"):
        selection.check_preparation(recipe)
    recorder = Recorder()
    selection.analyse(recipe.prepare(recorder), recorder)
    assert "30 periods" in recorder.skipped["selection"]
