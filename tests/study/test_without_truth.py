"""What studies say of a pool whose true labels nobody knows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.configured import built
from tests.pool.pools import Given, fixed, recipe
from tests.pool.test_leak import untold
from w2s.detector import MeanCosine
from w2s.errors import DataError
from w2s.pool.examples import Look
from w2s.pool.notes import NEEDS_TRUTH
from w2s.refiner import NoRefiner
from w2s.report.aggregate import transfer_measures
from w2s.results.recorder import Recorder
from w2s.study import OnPool
from w2s.study.full import Full
from w2s.study.mixing import Mixing
from w2s.study.picks import PickComparison
from w2s.study.refinement import Refinement
from w2s.study.selection.selection import Selection
from w2s.study.transfer import Transfer
from w2s.types import as_names


def unknown(n: int = 60, *, sources: bool = False):
    splits = untold(fixed(easy=n, hard=n, overlap=n))
    named = as_names([f"s{k % 3}" for k in range(len(splits.pool))])
    pool = replace(splits.pool, sources=named) if sources else splits.pool
    return replace(recipe(dataset=Given(replace(splits, pool=pool))), detector=MeanCosine())


def test_the_whole_job_leaves_page_picks_and_plan_and_no_truth() -> None:
    selection = Selection(policy=built("policy", "thompson"), baseline=built("policy", "random"), rounds=4, draws=1, audit=5)
    full = Full(transfer=Transfer(), mixing=Mixing(draws=1), selection=selection)
    recorder = Recorder()
    OnPool(unknown(sources=True), (full,), Look()).run(recorder)
    assert next(iter(recorder.skipped.items())) == (NEEDS_TRUTH, "the pool's points have no true labels")
    assert {"picks", "sources", "examples", "points"} <= recorder.tables.keys()
    picks = recorder.tables["picks"]
    assert len(picks) == picks["student_label"].notna().sum() == len(recorder.tables["points"].query("split == 'pool'"))
    assert {"rank", "x0", "source", "weak_label", "bought", "reason"} <= {*picks}
    assert recorder.tables["sources"]["take"].sum() == picks["bought"].sum()
    pool = recorder.tables["points"].query("split == 'pool'")
    assert pool["label"].isna().all()
    truthful = ("ceiling/accuracy", "pgr", "weak/pool_accuracy", "mixing/true_labels", "selection/label_accuracy/s0")
    assert [recorder.metrics[name] for name in truthful] == [None] * 5
    assert recorder.metrics["gain"] is not None
    assert recorder.metrics["selection/gain"] is not None


def test_detectors_are_compared_without_the_oracle_of_labels() -> None:
    recorder = Recorder()
    study = PickComparison(settings={"a": unknown(150)}, detectors={"mean": MeanCosine()}, seeds=2, draws=2, fewest=10)
    study.run(recorder)
    gains = recorder.tables["picks_gains"]
    assert gains["gain"].notna().all()
    assert gains[["label_part", "other_part", "labels"]].isna().all(axis=None)


def test_the_comparison_of_refiners_is_refused_in_one_line() -> None:
    study = Refinement(settings={"a": unknown()}, refiners={"none": NoRefiner()}, seeds=2, draws=1)
    with pytest.raises(DataError, match="study=refinement is judged by the pool's true labels"):
        study.run(Recorder())


def test_seeds_have_intervals_of_the_gain_without_a_ceiling() -> None:
    right = np.random.default_rng(0).random((3, 50, 2)) < 0.7
    found = transfer_measures(right)
    assert found["gain"] == pytest.approx(right[..., 1].mean() - right[..., 0].mean())
    assert found["pgr"] is None
    assert "ceiling/accuracy" not in found
