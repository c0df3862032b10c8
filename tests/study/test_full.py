from dataclasses import dataclass, field, replace

import pytest

from tests.study.pools import recipe
from w2s.detector.baselines import NoDetector
from w2s.policy import UCB, Random
from w2s.recorder import Recorder
from w2s.study.full import Full
from w2s.study.mixing import Mixing
from w2s.study.prepared import Prepared
from w2s.study.selection import Selection
from w2s.study.transfer import Transfer


def full(**arguments: object) -> Full:
    selection = Selection(policy=UCB, baseline=Random, rounds=5, draws=2)
    preparation = recipe(**arguments)  # type: ignore[arg-type]
    return Full(preparation=preparation, transfer=Transfer(), mixing=Mixing(draws=2), selection=selection)


def test_one_preparation_serves_the_three_studies_in_order() -> None:
    shown: list[tuple[str, int]] = []

    @dataclass
    class Watching:
        name: str

        def analyse(self, prepared: Prepared, recorder: Recorder) -> None:
            shown.append((self.name, id(prepared)))

    Full(preparation=recipe(), transfer=Watching("t"), mixing=Watching("m"), selection=Watching("s")).run(Recorder())
    assert [name for name, _ in shown] == ["t", "m", "s"]
    assert len({pool for _, pool in shown}) == 1


def test_the_whole_job_records_what_the_three_studies_record_on_their_own() -> None:
    together = Recorder()
    job = full()
    job.run(together)
    apart: dict[str, float | None] = {}
    for study in (job.transfer, job.mixing, job.selection):
        alone = Recorder()
        replace(study, preparation=recipe()).run(alone)  # type: ignore[type-var]
        apart |= alone.metrics
    assert together.metrics == apart
    assert {"points", "curve", "rounds"} <= set(together.tables)


def test_without_overlap_the_job_ends_well_and_lists_what_it_left_out() -> None:
    recorder = Recorder()
    full(detector=NoDetector()).run(recorder)
    assert {"detection", "mixing", "selection"} <= set(recorder.skipped)
    assert recorder.metrics["gain"] is not None
    assert recorder.metrics["mixing/gain"] is None
    assert recorder.metrics["selection/accuracy"] is None


def test_what_was_recorded_before_a_failure_is_kept() -> None:
    @dataclass
    class Broken:
        seen: list[int] = field(default_factory=list)

        def analyse(self, prepared: Prepared, recorder: Recorder) -> None:
            raise RuntimeError("the disk is full")

    recorder = Recorder()
    with pytest.raises(RuntimeError, match="disk"):
        replace(full(), mixing=Broken()).run(recorder)
    assert recorder.metrics["gain"] is not None
    assert "selection/accuracy" not in recorder.metrics
