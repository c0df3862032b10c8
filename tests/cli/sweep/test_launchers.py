"""Every launcher runs the same jobs to the same numbers, and goes on after failures."""

from __future__ import annotations

import json
import pickle
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from hydra_plugins.w2s.local_gpus import LocalGpusLauncher, visible_devices
from tests.configured import composed
from tests.study.apply.fitted_runs import leave_run, table
from w2s.cli.check.requirements import requirements
from w2s.cli.run.failure import UserError, rerun_command
from w2s.cli.sweep.launchers import check_launcher, runs_here, submitted
from w2s.errors import ConfigError

LAUNCHERS = {
    "joblib": ("launcher=joblib", "hydra.launcher.n_jobs=2"),
    "local_gpus": ("launcher=local_gpus", "hydra.launcher.devices=[0,1]"),
    "ray": ("launcher=ray", "hydra.launcher.init.num_cpus=2"),
}
INSTALLED = [name for name in LAUNCHERS if name != "ray" or find_spec("ray")]
"""Ray is tried in the environment of constraints-ray.txt, where it is installed."""


@pytest.mark.slow
@pytest.mark.parametrize("launcher", INSTALLED)
def test_a_failure_stops_no_other_job_and_finished_ones_are_skipped(sweeps, launcher: str) -> None:
    first = sweeps.run("seed=range(0,4)", "study.bad_seeds=[1]", *LAUNCHERS[launcher])
    assert first.returncode == 1
    assert "w2s: 1 of 4 jobs failed" in first.stderr
    assert "TwoPartError: seed 1 failed because it was told to" in " ".join(first.stdout.split())
    again = sweeps.run("seed=range(0,4)", *LAUNCHERS[launcher])
    assert again.returncode == 0, again.stderr
    assert [line.split()[:2] for line in sweeps.done()] == [["a", str(seed)] for seed in range(4)]


@pytest.mark.slow
def test_each_slot_sees_its_own_device_and_a_killed_process_is_a_failed_job(sweeps) -> None:
    launcher = ("launcher=local_gpus", "hydra.launcher.devices=[4,7]")
    done = sweeps.run("seed=range(0,8)", "study.bad_seeds=[-3]", "study.seconds=0.2", *LAUNCHERS["local_gpus"], *launcher)
    assert done.returncode == 1
    assert "w2s: 1 of 8 jobs failed" in done.stderr
    assert "(killed by SIGKILL)" in " ".join(done.stdout.split()).replace("│ │ │ ", "")
    assert {line.split()[2] for line in sweeps.done()} == {"4", "7"}
    assert [line.split()[1] for line in sweeps.done()] == [str(seed) for seed in range(8) if seed != 2]


@pytest.mark.skipif(find_spec("ray") is not None, reason="it is installed")
def test_ray_that_is_not_installed_is_one_message(sweeps) -> None:
    done = sweeps.run("seed=0", *LAUNCHERS["ray"])
    assert done.returncode == 1
    assert "pip install -c constraints-ray.txt" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3


def test_slots_take_devices_in_turn() -> None:
    assert LocalGpusLauncher(devices=["0", "MIG-1"], jobs_per_device=2).slots() == ["0", "MIG-1", "0", "MIG-1"]


@pytest.mark.parametrize(("named", "expected"), [("0,2", ["0", "2"]), ("GPU-ab", ["GPU-ab"]), ("", []), ("-1", [])])
def test_visible_devices_are_those_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, named: str, expected: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_devices() == expected


def test_without_a_device_it_is_said_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(ConfigError, match=r"hydra\.launcher\.devices=\[0,1\]"):
        LocalGpusLauncher().slots()


@pytest.mark.slow
def test_twelve_real_jobs_have_identical_metrics_under_every_launcher(sweeps) -> None:
    jobs = ("study=transfer", "figures=false", "detector=paper,none", "weak_model=top_rows,raw", "seed=0,1,2")

    def metrics(name: str, *launcher: str) -> dict[str, object]:
        folder: Path = sweeps.folder / name
        command = [part for part in sweeps.command() if part != "study=chore"]
        done = subprocess.run(
            [*command, *jobs, *launcher, f"hydra.sweep.dir={folder}"],
            cwd=sweeps.folder,
            env=sweeps.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        return {path.parent.name: json.loads(path.read_text())["metrics"] for path in folder.rglob("results.json")}

    serial = metrics("serial")
    assert len(serial) == 12
    for name in INSTALLED:
        assert metrics(name, *LAUNCHERS[name]) == serial


@pytest.mark.slow
@pytest.mark.parametrize("launcher", INSTALLED)
def test_parts_of_new_rows_are_the_same_bytes_under_every_launcher(sweeps, launcher: str) -> None:
    leave_run(sweeps.folder, table())
    table(403, seed=1).to_parquet(sweeps.folder / "new.parquet")

    def parts(name: str, *words: str) -> dict[str, bytes]:
        command = [sys.executable, "-m", "w2s.main", "-m", "study=apply", "dataset=table", "tracker=none"]
        place = [f"dataset.path={sweeps.folder / 'new.parquet'}", f"study.output={sweeps.folder / name}"]
        place[:0] = [f"study.fitted={sweeps.folder / 'run'}", "study.shards=4", "study.shard=range(0,4)"]
        done = subprocess.run(
            [*command, *place, *words],
            cwd=sweeps.folder,
            env=sweeps.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return {file.name: file.read_bytes() for file in (sweeps.folder / name).glob("*.parquet")}

    serial = parts("serial")
    assert len(serial) == 4 + 2  # and the summary
    spread = parts("spread", *LAUNCHERS[launcher])
    assert spread.keys() == serial.keys()
    assert [name for name in serial if spread[name] != serial[name]] == []


def test_a_mistake_in_a_job_keeps_its_message_between_processes() -> None:
    assert str(pickle.loads(pickle.dumps(UserError("no such column")))) == "no such column"


def test_the_command_holds_the_runs_own_overrides_and_hydras() -> None:
    hydra = composed("hydra.job.name=x").hydra
    command = shlex.split(rerun_command(["dataset.path=a b", "seed=3"], hydra, sweep=False))
    assert command == ["python", "-m", "w2s.main", "hydra.job.name=x", "dataset.path=a b", "seed=3"]


def test_a_job_of_a_sweep_stays_one_and_finds_a_persons_own_folder(tmp_path) -> None:
    hydra = composed(config_dir=tmp_path).hydra
    command = shlex.split(rerun_command(["seed=3"], hydra, sweep=True))
    assert command == ["python", "-m", "w2s.main", "--config-dir", str(tmp_path), "-m", "seed=3"]


def test_a_launcher_of_sweeps_is_refused_for_a_single_run() -> None:
    config = composed("launcher=slurm")
    with pytest.raises(ConfigError, match=r"launcher=slurm runs the jobs of a sweep: add -m"):
        check_launcher(config, multirun=False)
    check_launcher(config, multirun=True)
    check_launcher(composed("launcher=joblib"), multirun=False)
    assert not runs_here(config)
    (found,) = requirements(["launcher=slurm"])
    assert (found.state, "add -m" in found.text) == ("missing", True)


def test_the_script_for_slurm_asks_for_what_the_launcher_says() -> None:
    pytest.importorskip("submitit")
    script = submitted(composed("launcher=slurm", "hydra.launcher.gpus_per_node=1", "hydra.launcher.mem_gb=32"), 3)
    lines = set(script.splitlines())
    assert {"#SBATCH --array=0-2%3", "#SBATCH --gpus-per-node=1", "#SBATCH --mem=32GB", "#SBATCH --time=60"} <= lines


def test_ray_is_told_what_each_task_takes() -> None:
    assert submitted(composed("launcher=ray"), 8).endswith('each takes {"num_cpus": 1, "num_gpus": 0}')
    assert submitted(composed(), 8) == ""
