"""A refiner is applied once, and all that trains on weak labels keeps to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests.pool.pools import prepared, recipe
from w2s.detector import MeanCosine
from w2s.model import LogisticProbe
from w2s.policy import UCB, Random
from w2s.pool.pool import PreparedPool
from w2s.protocols import PoolView
from w2s.refiner import Chance, Filter, NoRefiner, Permuted, Relabel, Truth, Weigh, Wrong
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.study import OnPool
from w2s.study.mixing import Mixing
from w2s.study.selection import Selection
from w2s.study.subsets import common_controls, full_subset, overlap_subset
from w2s.study.transfer import Transfer
from w2s.types import FloatArray, Refined


@dataclass(frozen=True)
class Fixed:
    """A refiner that is told what to do, from the weak labels."""

    weights: object = None
    kept: object = None

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        n = len(targets)
        kept = None if self.kept is None else np.asarray(self.kept(targets))  # type: ignore[operator]
        return Refined(targets, None if self.weights is None else np.resize(self.weights, n), kept)


def refined(refiner: object, recorder: Recorder | None = None) -> PreparedPool:
    return replace(recipe(detector=MeanCosine()), refiner=refiner).prepare(recorder or Recorder())


def test_none_leaves_numbers_as_they_were() -> None:
    pool = refined(NoRefiner())
    assert (pool.weights, pool.kept) == (None, None)
    assert pool.targets is pool.weak_pool
    direct = pool.learners.student.fit(pool.strong_pool, pool.weak_pool)
    assert pool.student.predict(pool.strong_test).tobytes() == direct.predict(pool.strong_test).tobytes()


def test_students_learn_from_kept_points_alone_with_their_weights() -> None:
    pool = refined(Fixed(weights=[1.0, 2.0, 3.0, 0.0], kept=lambda targets: np.arange(len(targets)) % 3 > 0))
    kept = np.array([i for i in range(110) if i % 3 > 0 and i % 4 != 3])
    weights = np.resize([1.0, 2.0, 3.0], 4)[kept % 4]
    direct = LogisticProbe(l2=0.01).fit(pool.strong_pool.take(kept), pool.weak_pool[kept], weights)
    np.testing.assert_allclose(pool.student.predict(pool.strong_test), direct.predict(pool.strong_test), atol=1e-6)
    assert pool.weights is not None
    assert pool.weights[kept].mean() == pytest.approx(1)
    np.testing.assert_array_equal(pool.kept_among(), kept)


def test_subsets_draw_kept_points_alone() -> None:
    pool = refined(Filter(doubt=Chance(), share=0.5))
    for subset in (*common_controls(pool), overlap_subset(pool), full_subset(pool)):
        if subset.name != "gold":
            for balanced in (False, True):
                picks = subset.sample(8, generator(0, "test"), balanced=balanced)
                assert picks is not None
                assert pool.kept is not None
                assert pool.kept[picks].all()


@pytest.mark.parametrize("evidence", ["weak", "refined"])
def test_a_detector_reads_the_weak_labels_or_the_refined_ones(evidence: str) -> None:
    made = replace(recipe(detector=MeanCosine()), refiner=Relabel(opinion=Truth(), share=0.5), evidence=evidence)
    pool = made.prepare(Recorder())
    read = pool.targets if evidence == "refined" else pool.weak_pool
    assert not np.array_equal(pool.targets, pool.weak_pool)
    np.testing.assert_array_equal(pool.evidence.probabilities, read)
    low, high = np.sort(read, axis=1)[:, -2:].T
    np.testing.assert_allclose(pool.partition.confidence, high - low)


@pytest.mark.parametrize("refiner", [Filter(doubt=Chance(), share=0.3), Weigh(doubt=Chance()), Relabel(opinion=Truth())])
def test_all_analyses_run_on_refined_labels(refiner: object) -> None:
    recorder = Recorder()
    selection = Selection(policy=UCB, baseline=Random, rounds=3, draws=1, gold_draws=1)
    recipe_ = replace(recipe(detector=MeanCosine()), refiner=refiner)
    OnPool(recipe_, (Transfer(), Mixing(draws=1), selection)).run(recorder)
    assert recorder.metrics["selection/gain"] is not None
    assert recorder.metrics["mixing/1.0"] is not None
    assert "refiner" in recorder.seconds


def test_points_bought_but_dropped_teach_nothing() -> None:
    """With every kept point wanted, the last round's student is the one of all kept points bought."""
    recorder = Recorder()
    selection = Selection(policy=UCB, baseline=Random, rounds=3, draws=1, gold_draws=1)
    made = replace(recipe(detector=MeanCosine()), refiner=Filter(doubt=Chance(), share=0.9))
    pool = made.prepare(recorder)
    selection.analyse(pool, recorder)
    chosen = recorder.tables["points"].query("split == 'pool'")["chosen"].to_numpy(dtype=bool)
    right = pool.fit(np.flatnonzero(chosen)).predict(pool.strong_test).argmax(axis=1) == pool.test_labels()
    assert recorder.metrics["selection/accuracy"] == pytest.approx(right.mean())


def test_what_is_recorded_is_what_was_done() -> None:
    recorder = Recorder()
    pool = refined(Filter(doubt=Wrong(), share=0.1), recorder)
    truth = pool.splits.pool.labels.open("test")
    wrong = pool.weak_classes != truth
    dropped = round(0.1 * len(wrong))
    metrics = recorder.metrics
    assert metrics["refiner/kept"] == pytest.approx(1 - dropped / len(wrong))
    assert metrics["refiner/changed"] == 0
    assert metrics["refiner/precision"] == min(1.0, wrong.sum() / dropped)
    assert metrics["refiner/recall"] == pytest.approx(min(1.0, dropped / wrong.sum()))
    assert metrics["refiner/accuracy_after"] == pytest.approx(1 - (wrong.sum() - dropped) / (len(wrong) - dropped))


def test_a_refiner_that_keeps_nothing_is_noted_and_changes_nothing() -> None:
    recorder = Recorder()
    pool = refined(Filter(doubt=Chance(), share=1.0), recorder)
    assert pool.kept is None
    assert pool.targets is pool.weak_pool
    assert any("keeps no point" in note for note in recorder.notes)
    assert recorder.metrics["refiner/kept"] == 1
    Transfer().analyse(pool, recorder)


def test_a_refiner_that_leaves_one_class_is_noted() -> None:
    recorder = Recorder()
    pool = refined(Fixed(kept=lambda targets: targets[:, 1] > 0.5), recorder)
    assert any("one class alone" in note for note in recorder.notes)
    Transfer().analyse(pool, recorder)
    assert recorder.metrics["student/accuracy"] is not None


def test_a_refiner_that_keeps_everything_is_none() -> None:
    pool = refined(Filter(doubt=Chance(), share=0.0))
    assert pool.kept is None
    assert (
        pool.student.predict(pool.strong_test).tobytes()
        == prepared(detector=MeanCosine()).student.predict(pool.strong_test).tobytes()
    )


def test_the_detector_reads_raw_labels() -> None:
    plain, changed = refined(NoRefiner()), refined(Relabel(opinion=Permuted()))
    assert not np.array_equal(plain.targets, changed.targets)
    np.testing.assert_array_equal(plain.partition.regions, changed.partition.regions)
