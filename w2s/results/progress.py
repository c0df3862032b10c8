"""How far a sweep is, read from what its jobs leave on disk, in this process or from another shell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from w2s.errors import DataError
from w2s.results.files import RESULTS, read_results
from w2s.utils.files import read_json, read_text, write_json
from w2s.utils.reading import reading

PLAN = "plan.json"
"""File in a sweep's folder: when its latest sweep began, and the folders of its jobs."""
COUNTER = ".attempt"
"""File in a run's folder with the number of its latest attempt."""
LOCK = ".lock"
"""File in a run's folder that is locked while a job works there."""

State = Literal["finished", "failed", "running", "stopped", "waiting"]


def attempts(folder: Path) -> int:
    """How many attempts have begun in a run's folder."""
    counter = folder / COUNTER
    with suppress(DataError), reading(f"{counter} is no number", DataError):
        return int(read_text(counter, max_bytes=20))
    return 0


def write_plan(sweep: Path, jobs: Sequence[Path]) -> None:
    """Note the folders of a sweep that begins now."""
    write_json(sweep / PLAN, {"begun": time.time(), "jobs": [str(job.absolute()) for job in jobs]})


@dataclass(frozen=True)
class Progress:
    """How many jobs are where."""

    states: Counter[State]
    running: tuple[Path, ...]
    left: float | None
    """Seconds until all are done, at the pace so far; None before the first is done."""

    @property
    def over(self) -> bool:
        """Whether no job is waiting or running."""
        return not self.states["waiting"] and not self.states["running"]

    @property
    def counts(self) -> str:
        """How many jobs are where, in words: 12 of 30 finished, 3 running."""
        parts = [f"{self.states['finished']} of {self.states.total()} finished"]
        parts += [f"{self.states[state]} {state}" for state in ("failed", "stopped", "running") if self.states[state]]
        return ", ".join(parts)

    def __str__(self) -> str:
        """As a person reads it: 12 of 30 finished, 3 running, about 4 min left."""
        return self.counts + (f", about {spell(self.left)} left" if self.left else "")


@dataclass
class SweepOnDisk:
    """The latest sweep of a folder."""

    folder: Path
    begun: float = field(init=False)
    """Seconds since 1970."""
    jobs: tuple[Path, ...] = field(init=False)
    _over: dict[Path, State] = field(default_factory=dict, init=False)
    """Jobs whose state is final."""
    _earlier: frozenset[Path] = field(default=frozenset(), init=False)
    """Jobs that were finished before the sweep began."""

    def __post_init__(self) -> None:
        """Read the plan.

        Raises:
            DataError: no sweep has begun in the folder, or its plan is damaged.
        """
        path = self.folder / PLAN
        if not path.is_file():
            raise DataError(f"{self.folder}: no sweep has begun there. Give the folder that a sweep names at its end.")
        with reading(f"{path}: damaged", DataError):
            plan = read_json(path)
            self.begun, self.jobs = float(plan["begun"]), tuple(map(Path, plan["jobs"]))
        before = (job for job in self.jobs if self._state(job) == "finished")
        self._earlier = frozenset(job for job in before if (job / RESULTS).stat().st_mtime < self.begun)

    def progress(self) -> Progress:
        """How far it is now."""
        states = {job: self._state(job) for job in self.jobs}
        counts = Counter(states.values())
        done = counts["finished"] + counts["failed"] - len(self._earlier)
        open_jobs = counts["waiting"] + counts["running"]
        left = (time.time() - self.begun) / done * open_jobs if done > 0 and open_jobs else None
        return Progress(counts, tuple(job for job, state in states.items() if state == "running"), left)

    def _state(self, job: Path) -> State:
        if job in self._over:
            return self._over[job]
        state = self._look(job)
        if state in ("finished", "failed"):
            self._over[job] = state
        return state

    def _look(self, job: Path) -> State:
        attempt = attempts(job)
        with suppress(DataError):
            results = read_results(job)
            if results is not None and results.attempt >= attempt:
                if results.ok:
                    return "finished"
                return "failed" if (job / RESULTS).stat().st_mtime >= self.begun else "waiting"
        if attempt == 0:
            return "waiting"
        if is_locked(job / LOCK):
            return "running"
        with suppress(OSError):
            if (job / COUNTER).stat().st_mtime >= self.begun:
                return "stopped"
        return "waiting"


def is_locked(path: Path) -> bool:
    """Whether a job holds the lock now."""
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def spell(seconds: float) -> str:
    """A span of time as a person says it."""
    for unit, size in (("days", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.2g} {unit}" if seconds < 99 * size else f"{seconds / size:,.0f} {unit}"
    return f"{max(1.0, seconds):.0f} s"
