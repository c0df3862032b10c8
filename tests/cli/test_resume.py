"""A sweep whose launching process is killed goes on with the same command, and nothing finished is computed again."""

from __future__ import annotations

import os
import random
import subprocess
import time

import pytest

JOBS = "seed=range(0,30)"
KILLS = int(os.environ.get("KILLS", "1"))
"""Random moments tried with each launcher; the promise was tried with 20."""


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [(), ("launcher=local_gpus", "hydra.launcher.devices=[0,1]")], ids=["serial", "slots"])
def test_killed_at_any_moment_the_same_command_finishes_with_the_same_numbers(sweeps, launcher: tuple[str, ...]) -> None:
    draw = random.Random(20261120)
    start = time.monotonic()
    whole = sweeps.run(JOBS, "study.seconds=0.1", "hydra.sweep.dir=multirun_outputs/whole", *launcher)
    took = time.monotonic() - start
    assert whole.returncode == 0, whole.stderr
    expected = sweeps.numbers()
    assert len(expected) == 30
    for k in range(KILLS):
        folder = f"hydra.sweep.dir=multirun_outputs/{k}"
        process = subprocess.Popen(
            sweeps.command(JOBS, "study.seconds=0.1", folder, *launcher),
            cwd=sweeps.folder,
            env=sweeps.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(draw.uniform(1.0, took))
        process.kill()
        process.wait()
        finished = sweeps.finished(k)
        again = sweeps.run(JOBS, "study.seconds=0.1", folder, *launcher)
        assert again.returncode == 0, again.stderr
        now = sweeps.finished(k)
        assert {name: now[name] for name in finished} == finished, "a finished run was written again"
        assert sweeps.numbers(k) == expected
