"""How far a sweep is, from folders in every state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from tests.report.runs import write_run
from w2s.errors import DataError
from w2s.results.progress import COUNTER, LOCK, PLAN, SweepOnDisk, spell, write_plan


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A sweep of seven jobs, of which the first was finished before."""
    jobs = [tmp_path / f"job{k}" for k in range(7)]
    write_run(jobs[0])
    os.utime(jobs[0] / "results.json", (0, 0))
    write_plan(tmp_path, jobs)
    write_run(jobs[1])
    write_run(jobs[2], status="failed", error="DataError: made up", metrics={})
    for job in jobs[3:5]:
        job.mkdir()
        (job / COUNTER).write_text("1")
    return tmp_path


def test_every_state_is_told_apart_and_the_time_left_is_that_of_the_jobs_of_this_sweep(sweep: Path) -> None:
    with FileLock(sweep / "job3" / LOCK):
        found = SweepOnDisk(sweep)
        found.begun -= 60
        progress = found.progress()
    assert dict(progress.states) == {"finished": 2, "failed": 1, "running": 1, "stopped": 1, "waiting": 2}
    assert [job.name for job in progress.running] == ["job3"]
    assert progress.left == pytest.approx(60 / 2 * 3, rel=0.2)
    assert str(progress).startswith("2 of 7 finished, 1 failed, 1 stopped, 1 running, about ")
    assert not progress.over


def test_a_failed_job_that_is_begun_again_runs(sweep: Path) -> None:
    (sweep / "job2" / COUNTER).write_text("2")
    with FileLock(sweep / "job2" / LOCK):
        assert [job.name for job in SweepOnDisk(sweep).progress().running] == ["job2"]


def test_what_a_failed_job_of_an_earlier_sweep_left_is_waiting_to_be_redone(sweep: Path) -> None:
    os.utime(sweep / "job2" / "results.json", (0, 0))
    assert SweepOnDisk(sweep).progress().states["waiting"] == 3


@pytest.mark.parametrize("content", ["", "[]", '{"begun": "now", "jobs": []}'])
def test_a_folder_without_a_plan_or_with_a_damaged_one_is_one_clear_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match="no sweep has begun there"):
        SweepOnDisk(tmp_path)
    (tmp_path / PLAN).write_text(content)
    with pytest.raises(DataError, match=r"plan\.json: damaged"):
        SweepOnDisk(tmp_path)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (42, "42 s"), (240, "4 min"), (3600 * 2.5, "2.5 h"), (86400 * 200, "200 days")]
)
def test_spans_of_time_are_said_as_a_person_says_them(seconds: float, text: str) -> None:
    assert spell(seconds) == text
