"""What a sweep costs beside its science: python -m benchmarks.sweep [--jobs 40] [--thousand].

Warm `study=transfer` jobs one after the other in one process; start-up is left out by taking the difference of a long and a
short sweep. `--thousand` also runs 1,000 of them in two processes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SHORT = 5


@dataclass(frozen=True)
class Cost:
    """Seconds of a whole sweep."""

    wall: float
    cpu: float
    science: float
    """Sum of the stages that the runs report."""


def sweep(folder: Path, jobs: int, *arguments: str) -> Cost:
    """Run `jobs` seeds below `folder`."""
    command = [sys.executable, "-m", "w2s.main", "-m", "study=transfer", f"seed=range(0,{jobs})", *arguments]
    environment = os.environ | {
        "WANDB_MODE": "offline",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "OMP_NUM_THREADS": "1",
    }
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [*command, f"hydra.sweep.dir={folder}"], check=True, env=environment, cwd=folder.parent, capture_output=True
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    results = [json.loads(file.read_text()) for file in folder.glob("*/results.json")]
    assert len(results) == jobs
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, sum(sum(result["seconds"].values()) for result in results))


def main() -> None:
    """Print one line per tracker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--thousand", action="store_true")
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}; seconds a job")
    print(f"{'tracker':8s} {'wall':>8s} {'science':>8s} {'beside':>8s} {'CPU':>8s}")
    with tempfile.TemporaryDirectory() as name:
        for tracker in ("none", "wandb"):
            short, whole = (
                sweep(Path(name) / f"{tracker}{jobs}", jobs, f"tracker={tracker}") for jobs in (SHORT, SHORT + options.jobs)
            )
            wall, cpu, science = (
                (getattr(whole, what) - getattr(short, what)) / options.jobs for what in ("wall", "cpu", "science")
            )
            print(f"{tracker:8s} {wall:8.3f} {science:8.3f} {wall - science:8.3f} {cpu:8.3f}")
        for tracker in ("none", "wandb") if options.thousand else ():
            arguments = (f"tracker={tracker}", "launcher=joblib", "hydra.launcher.n_jobs=2")
            cost = sweep(Path(name) / f"thousand-{tracker}", 1000, *arguments)
            print(f"1,000 jobs in two processes, tracker={tracker}: {cost.wall:.0f} s, {cost.cpu:.0f} s of CPU")


if __name__ == "__main__":
    main()
