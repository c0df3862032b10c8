"""The command that makes a run again, as a shell reads it."""

from __future__ import annotations

import shlex

from tests.configured import composed
from w2s.cli.rerun import rerun_command


def test_the_command_holds_the_runs_own_overrides_and_hydras() -> None:
    hydra = composed("hydra.job.name=x").hydra
    command = shlex.split(rerun_command(["dataset.path=a b", "seed=3"], hydra, sweep=False))
    assert command == ["python", "-m", "w2s.main", "hydra.job.name=x", "dataset.path=a b", "seed=3"]


def test_a_job_of_a_sweep_stays_one_and_finds_a_persons_own_folder(tmp_path) -> None:
    hydra = composed(config_dir=tmp_path).hydra
    command = shlex.split(rerun_command(["seed=3"], hydra, sweep=True))
    assert command == ["python", "-m", "w2s.main", "--config-dir", str(tmp_path), "-m", "seed=3"]
