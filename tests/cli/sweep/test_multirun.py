"""Sweeps from their plan to their summary, serially."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hydra.core.utils import JobReturn, JobStatus

from tests.results.ended import end_run
from w2s.cli.sweep.multirun import failures
from w2s.cli.sweep.plan import Job


@pytest.mark.slow
def test_a_failed_job_is_named_the_others_finish_and_the_same_command_redoes_just_that_one(sweeps) -> None:
    arguments = ("seed=range(0,4)", "study.bad_seeds=[2]")
    first = sweeps.run(*arguments)
    assert first.returncode == 1
    assert "Traceback" not in first.stderr
    assert first.stderr.strip().splitlines()[-1] == ("w2s: 1 of 4 jobs failed; the same command redoes these and no other.")
    assert [results["status"] for results in sweeps.results().values()] == ["ok", "ok", "failed", "ok"]
    assert "TwoPartError: seed 2 failed because it was told to" in " ".join(first.stdout.split())
    (log_line,) = (line for line in first.stdout.splitlines() if line.strip().startswith("log: "))
    log = Path(log_line.split("log: ")[1]).read_text()
    assert "Traceback" in log
    assert "seed 2 failed because it was told to" in log
    assert any(line.startswith("#2 [") for line in first.stdout.splitlines())  # whose line it is, where jobs interleave
    assert list(sweeps.folder.glob("multirun_outputs/*/plan.json")) != []

    again = sweeps.run("seed=range(0,4)")
    assert again.returncode == 0, again.stderr
    assert "4 jobs checked, 3 of them finished earlier" in again.stdout
    assert sweeps.done() == ["a 0 None", "a 1 None", "a 2 None", "a 3 None"]


@pytest.mark.slow
def test_the_command_for_one_failed_job_runs_that_job_in_its_folder(sweeps) -> None:
    first = sweeps.run("seed=0,1", "+study.bad_seeds=[1]", "hydra.sweep.dir=elsewhere here", timeout=60)
    (line,) = (line for line in first.stdout.splitlines() if line.strip().startswith("again: "))
    command = shlex.split(line.split("again: ")[1])
    assert command[:3] == ["python", "-m", "w2s.main"]
    corrected = [part for part in command[command.index("-m", 3) + 1 :] if "bad_seeds" not in part]
    again = sweeps.run(*corrected)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 jobs checked" in again.stdout
    assert sorted(path.name for path in (sweeps.folder / "elsewhere here").iterdir() if path.is_dir()) != []
    assert sweeps.done() == ["a 0 None", "a 1 None"]


def test_a_bad_job_is_named_before_any_is_launched(sweeps) -> None:
    done = sweeps.run("seed=0,1,-1")
    assert done.returncode == 1
    assert "seed=-1" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert sweeps.done() == []


@pytest.mark.slow
def test_a_finished_run_is_not_overwritten_without_resume_either(sweeps) -> None:
    assert sweeps.run("seed=0").returncode == 0
    again = sweeps.run("seed=0", "resume=false")
    assert again.returncode == 1
    assert "never overwritten" in again.stderr
    assert sweeps.done() == ["a 0 None"]


def test_a_launcher_that_cannot_start_is_one_short_message(sweeps) -> None:
    done = sweeps.run("seed=0,1", "launcher=joblib", "hydra.launcher.n_jobs=0")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("w2s: the launcher broke down (ValueError: n_jobs == 0")
    assert len(done.stderr.strip().splitlines()) <= 3


def test_a_job_that_is_told_nothing_of_is_judged_by_what_lies_on_disk(tmp_path: Path) -> None:
    def job(name: str, attempt: int = 0) -> Job:
        return Job(overrides=(name,), folder=tmp_path / name, finished=False, attempt=attempt)

    end_run(tmp_path / "finished")
    end_run(tmp_path / "failed", error=ValueError("no"))
    end_run(tmp_path / "killed again", error=ValueError("the old one"))
    jobs = [
        job("finished"),
        job("failed"),
        job("killed"),
        job("killed again", attempt=1),
        Job(overrides=("unknown",), folder=None, finished=False, attempt=0),
    ]
    found = {failure.job.overrides[0]: failure.error for failure in failures(jobs, [])}
    assert found["failed"] == "ValueError: no"
    assert set(found) == {"failed", "killed", "killed again", "unknown"}
    assert "without a word" in found["killed"]
    assert found["killed"] == found["killed again"] == found["unknown"]


def test_what_a_job_answers_comes_before_what_lies_on_disk(tmp_path: Path) -> None:
    job = Job(overrides=("a",), folder=tmp_path, finished=False, attempt=0)
    answer = JobReturn(status=JobStatus.FAILED)
    answer.return_value = RuntimeError("of its own")
    (failure,) = failures([job], [answer])
    assert failure.error == "of its own"
    assert list(failures([job], [JobReturn(status=JobStatus.COMPLETED)])) == []
