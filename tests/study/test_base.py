"""The one class that runs analyses on a prepared pool."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from tests.pool.pools import recipe
from w2s.errors import ConfigError
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.study import Analysis, OnPool, Study


@dataclass
class Counting:
    """Records the pool's size, or fails."""

    fails: bool = False
    pools: list[PreparedPool] = field(default_factory=list)

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        self.pools.append(prepared)
        assert not self.fails, "broken"
        recorder.record({"size": float(len(prepared.splits.pool))})

    def check_preparation(self, preparation: Preparation) -> None:
        if preparation.labels == "hard":
            raise ConfigError("preparation.labels=hard: not here.")


def test_analyses_share_one_preparation_and_what_was_recorded_before_a_failure_is_kept() -> None:
    recorder, first, second = Recorder(), Counting(), Counting(fails=True)
    assert isinstance(first, Analysis)
    assert not isinstance(first, Study)
    with pytest.raises(AssertionError, match="broken"):
        OnPool(recipe(), (first, second)).run(recorder)
    assert recorder.metrics["size"] == 110
    assert first.pools[0] is second.pools[0]


def test_an_analysis_may_refuse_a_preparation_before_anything_is_loaded() -> None:
    OnPool(recipe(), (Counting(),)).check()
    with pytest.raises(ConfigError, match="not here"):
        OnPool(replace(recipe(), labels="hard"), (Counting(),)).check()
