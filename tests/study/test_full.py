from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.configured import built
from tests.pool.pools import Given, recipe, split_of
from w2s.detector.baselines import NoDetector
from w2s.model import LogisticProbe
from w2s.policy import UCB, Random
from w2s.pool.pool import PreparedPool
from w2s.results.recorder import Recorder
from w2s.study import Analysis, OnPool
from w2s.study.full import Full
from w2s.study.mixing import Mixing
from w2s.study.selection.selection import Selection
from w2s.study.transfer import Transfer
from w2s.types import Inputs, Split, Splits

FULL = Full(
    transfer=Transfer(),
    mixing=Mixing(draws=2),
    selection=Selection(policy=UCB, baseline=Random, rounds=5, draws=2, gold_draws=1),
)


def ran(*analyses: Analysis, **arguments: Any) -> Recorder:
    recorder = Recorder()
    OnPool(recipe(**arguments), analyses or (FULL,)).run(recorder)
    return recorder


def test_one_preparation_serves_the_three_studies_in_order() -> None:
    shown: list[tuple[str, int]] = []

    @dataclass
    class Watching:
        name: str

        def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
            shown.append((self.name, id(prepared)))

    ran(Full(transfer=Watching("t"), mixing=Watching("m"), selection=Watching("s")))
    assert [name for name, _ in shown] == ["t", "m", "s"]
    assert len({pool for _, pool in shown}) == 1


def test_no_student_of_the_whole_job_learns_from_more_points_than_the_largest_fit() -> None:
    sizes: list[int] = []

    @dataclass(frozen=True)
    class Watched(LogisticProbe):
        def fit(self, inputs: Inputs, *arguments: Any, **more: Any) -> Any:
            sizes.append(len(inputs))
            return super().fit(inputs, *arguments, **more)

        def incremental(self, inputs: Inputs, targets: Any) -> None:
            return None

    recorder, whole = Recorder(), recipe(easy=200, hard=200, overlap=150)
    watched = replace(whole, learner=Watched(l2=0.01), weak_learner=Watched(C=1.0), largest_fit=100)
    OnPool(watched, (FULL,)).run(recorder)
    assert max(sizes) == 100
    assert recorder.metrics["mixing/size"] == 100
    points = recorder.tables["points"]
    assert points["chosen"].sum() == 100
    assert points.loc[points["split"] == "pool", "region"].isin(["easy", "hard", "overlap"]).sum() == 550


def test_the_whole_job_records_what_the_three_studies_record_on_their_own() -> None:
    together = ran()
    apart: dict[str, float | None] = {}
    for analysis in FULL.analyses:
        apart |= ran(analysis).metrics
    assert together.metrics == apart
    assert {"points", "curve", "rounds"} <= set(together.tables)


def test_without_overlap_the_job_ends_well_and_lists_what_it_left_out() -> None:
    recorder = ran(detector=NoDetector())
    assert {"detection", "mixing", "selection"} <= set(recorder.skipped)
    assert recorder.metrics["gain"] is not None
    assert recorder.metrics["mixing/gain"] is None
    assert recorder.metrics["selection/accuracy"] is None


def test_what_was_recorded_before_a_failure_is_kept() -> None:
    @dataclass
    class Broken:
        seen: list[int] = field(default_factory=list)

        def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
            raise RuntimeError("the disk is full")

    recorder = Recorder()
    with pytest.raises(RuntimeError, match="disk"):
        OnPool(recipe(), (replace(FULL, mixing=Broken()),)).run(recorder)
    assert recorder.metrics["gain"] is not None
    assert "selection/accuracy" not in recorder.metrics


def noise(n: int, n_classes: int = 2, *, only: int | None = None) -> Splits:
    """Features that say nothing of the labels; with `only`, weak_train holds that class alone."""
    draw = np.random.default_rng(0)

    def role(name: str) -> Split:
        labels = np.full(n, only) if only is not None and name == "a" else np.arange(n) % n_classes
        return split_of(draw.normal(size=(n, 12)), labels, name, draw.integers(3, size=n))

    classes = tuple(str(k) for k in range(n_classes))
    return Splits(role("a"), role("b"), role("v"), role("t"), classes, fixed_halves=only is not None)


@pytest.mark.parametrize("detector", ["none", "oracle", "paper", "refined_belief"])
@pytest.mark.parametrize(
    "splits",
    [noise(60), noise(4), noise(6, 3), noise(30, only=1), noise(30, 3, only=2)],
    ids=["chance", "four points", "six of three classes", "one class to learn from", "one of three classes"],
)
def test_a_hopeless_pool_gets_a_defined_answer_and_no_claim_of_recovery(splits: Splits, detector: str) -> None:
    recorder = ran(dataset=Given(splits), detector=built("detector", detector))
    assert recorder.metrics["weak/accuracy"] is not None
    assert recorder.metrics["pgr"] is None
    assert recorder.metrics["pgr/defined"] == 0.0
    for name, parts in {"mixing/gain": {"mixing", "balanced mixing"}, "selection/accuracy": {"selection"}}.items():
        assert (recorder.metrics[name] is None) == bool(parts & set(recorder.skipped))
