"""launcher=slurm: how it waits, and what becomes of jobs on a real Slurm of one machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hydra_plugins.w2s.slurm import SlurmLauncher, wait
from w2s.errors import ConfigError

SCRIPT = Path(__file__).resolve().parents[1] / "slurm" / "one_node.sh"
SLURM = ("launcher=slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.name=chore")


def test_waiting_ends_when_every_job_has_a_result(tmp_path: Path) -> None:
    results = [tmp_path / "a", tmp_path / "b"]
    results[0].touch()

    def ask() -> dict[str, str]:
        results[1].touch()
        return {"1_1": "RUNNING"}

    assert wait(results, ["1_0", "1_1"], ask=ask, pause=0.0) == ["gone", "RUNNING"]


def test_a_job_that_left_the_queue_without_a_result_is_waited_for_a_little_and_no_longer(tmp_path: Path) -> None:
    answers = iter([{"1": "PENDING"}, {"1": "RUNNING"}, None, {"1": "REQUEUED"}, {"1": "CANCELLED"}, {}, {}])
    assert wait([tmp_path / "never"], ["1"], ask=lambda: next(answers), pause=0.0) == ["CANCELLED"]
    assert list(answers) == []


def test_a_machine_without_slurm_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="there is no sbatch here"):
        SlurmLauncher().launch([["seed=0"]], 0)


def test_a_cluster_that_does_not_answer_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for program in ("sbatch", "squeue"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'slurm_load_jobs error: no controller' >&2\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ConfigError, match=r"does not answer here \(slurm_load_jobs error.*\n.*launcher=joblib") as caught:
        SlurmLauncher().launch([["seed=0"]], 0)
    assert len(str(caught.value).splitlines()) == 2


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """A running Slurm, as the environment that finds it."""
    if shutil.which("slurmd") is None or os.geteuid() != 0:
        pytest.skip("a Slurm of one machine needs root and: apt-get install slurmd slurmctld slurm-client munge")
    folder = Path(tempfile.mkdtemp(prefix="w2s-slurm-"))
    folder.chmod(0o755)
    try:
        subprocess.run(["bash", SCRIPT, "up", folder], check=True, timeout=60)
        yield {"SLURM_CONF": str(folder / "slurm.conf")}
    finally:
        subprocess.run(["bash", SCRIPT, "down", folder], check=False, timeout=60)
        time.sleep(1)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def slurm(sweeps, cluster: dict[str, str]):
    sweeps.environment |= cluster
    return sweeps


def queue(slurm) -> dict[str, str]:
    """Array index -> state of the jobs in the queue."""
    command = ["squeue", "--noheader", "--array", "--format=%i %T"]
    done = subprocess.run(command, env=slurm.environment, capture_output=True, text=True, check=True, timeout=30)
    return dict(line.split() for line in done.stdout.splitlines())


def started(slurm, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        slurm.command(*arguments),
        cwd=slurm.folder,
        env=slurm.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slurm
def test_of_twelve_jobs_one_fails_and_the_same_command_redoes_exactly_that_one(slurm) -> None:
    first = slurm.run("seed=range(0,12)", "study.bad_seeds=[7]", *SLURM, timeout=300)
    assert first.returncode == 1
    assert "w2s: 1 of 12 jobs failed" in first.stderr
    assert "TwoPartError: seed 7 failed because it was told to" in " ".join(first.stdout.split())
    assert sum(results["status"] == "ok" for results in slurm.results().values()) == 11
    again = slurm.run("seed=range(0,12)", *SLURM, timeout=300)
    assert again.returncode == 0, again.stderr
    assert "12 jobs checked, 11 of them finished earlier" in again.stdout
    assert sorted(int(line.split()[1]) for line in slurm.done()) == list(range(12))


@pytest.mark.slurm
def test_a_cancelled_job_does_not_hang_the_sweep_and_is_named(slurm) -> None:
    process = started(slurm, "study.bad_seeds=[]", "seed=0,1", *SLURM)
    process.communicate(timeout=120)
    assert process.returncode == 0
    ending = set(queue(slurm))  # Slurm may still be clearing up after jobs whose results are there
    process = started(slurm, "study.seconds=500", "seed=0,1,5", *SLURM)
    deadline = time.monotonic() + 100
    while not (running := [job for job, state in queue(slurm).items() if state == "RUNNING" and job not in ending]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    subprocess.run(["scancel", running[0]], env=slurm.environment, check=True)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "w2s: 1 of 3 jobs failed" in errors
    assert "seed=5" in output
    assert "Slurm ended it without a result (CANCELLED)" in " ".join(output.split()).replace(" │ │ │ │ ", " ")


@pytest.mark.slurm
def test_a_job_that_meets_its_time_limit_is_requeued_and_ends_with_the_same_number(slurm) -> None:
    undisturbed = slurm.run("seed=3", "hydra.sweep.dir=multirun_outputs/undisturbed")
    assert undisturbed.returncode == 0, undisturbed.stderr
    Path(f"{slurm.journal}-a-3").unlink()
    limits = ("hydra.launcher.timeout_min=1", "hydra.launcher.signal_delay_s=30", "hydra.sweep.dir=multirun_outputs/limited")
    process = started(slurm, "seed=3", "study.first_seconds=500", *limits, *SLURM)
    deadline = time.monotonic() + 240
    while process.poll() is None:  # Slurm holds a requeued job for two minutes; here it need not
        assert time.monotonic() < deadline
        for job, state in queue(slurm).items():
            if state == "PENDING":
                command = ["scontrol", "update", f"jobid={job}", "starttime=now"]
                subprocess.run(command, env=slurm.environment, check=False, capture_output=True)
        time.sleep(2)
    assert process.returncode == 0, process.communicate()
    assert slurm.numbers("limited") == slurm.numbers("undisturbed")
    (results,) = slurm.results("limited").values()
    assert results["attempt"] >= 2


@pytest.mark.slurm
def test_eight_jobs_that_share_a_representation_compute_it_once(slurm) -> None:
    texts = [{"text": f"point {k} is {'good' if k % 2 else 'bad'}", "label": k % 2} for k in range(240)]
    (slurm.folder / "points.jsonl").write_text("\n".join(map(json.dumps, texts)))
    slurm.environment["W2S_STORE"] = str(slurm.folder / "store")
    command = slurm.command("dataset=table", "dataset.path=points.jsonl", "dataset.text=text", "model=tiny", "figures=false")
    command = [part.replace("study=chore", "study=transfer") for part in command]
    done = subprocess.run(
        [*command, "seed=range(0,8)", *SLURM],
        cwd=slurm.folder,
        env=slurm.environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    logs = [file.read_text() for file in (slurm.folder / "multirun_outputs").rglob("main.log")]
    assert len(logs) == 8
    lines = [line for log in logs for line in log.splitlines() if " vectors computed" in line]
    computed = sum(int(line.split(" vectors computed")[0].split()[-1]) for line in lines)
    assert computed == 2 * (240 - 12), "two encoders read each text once, the 12 of validation never"
