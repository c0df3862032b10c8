"""A sweep killed at any moment, by any signal: no process is left, and the same command finishes it."""

from __future__ import annotations

import random
import signal
import subprocess
import time

import psutil
import pytest

KILLS = 8
GONE_SECONDS = 5.0
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
LAUNCHERS = {
    "joblib": ("launcher=joblib", "hydra.launcher.n_jobs=2"),
    "local_gpus": ("launcher=local_gpus", "hydra.launcher.devices=[0,1]"),
}


@pytest.mark.slow
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_no_worker_outlives_its_sweep_and_the_same_command_finishes_it(sweeps, launcher: str) -> None:
    chance = random.Random(launcher)
    arguments = ("seed=range(0,12)", "study.seconds=0.5", *LAUNCHERS[launcher])
    workers = 0
    for turn in range(KILLS):
        with subprocess.Popen(
            sweeps.command(*arguments, f"hydra.sweep.dir={sweeps.folder / str(turn)}"),
            cwd=sweeps.folder,
            env=sweeps.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            watched, begun = psutil.Process(process.pid), time.monotonic()
            while len(watched.children(recursive=True)) < 3 and time.monotonic() - begun < 60.0:
                time.sleep(0.05)
            time.sleep(chance.uniform(0.0, 4.0))  # while its workers start, or work
            children = watched.children(recursive=True)
            workers += len(children)
            process.send_signal(SIGNALS[turn % len(SIGNALS)])
            process.wait(GONE_SECONDS)
        _, alive = psutil.wait_procs(children, timeout=GONE_SECONDS)
        assert not alive, f"turn {turn}: {[each.cmdline() for each in alive if each.is_running()]}"
    assert workers >= 2 * KILLS
    finished = len(sweeps.done())
    done = sweeps.run(*arguments, f"hydra.sweep.dir={sweeps.folder / str(turn)}")
    assert done.returncode == 0, done.stderr
    assert len(sweeps.done()) > finished
