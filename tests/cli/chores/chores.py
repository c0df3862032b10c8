"""A study with nothing to learn: what sweeps do to their jobs is seen from the lines it leaves in a journal."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from w2s.identity import identity
from w2s.results.recorder import Recorder
from w2s.seeding import check_seed, generator


class TwoPartError(Exception):
    """An exception that cannot be pickled, as many libraries have one."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} because {why}")


@identity(runtime=("journal", "seconds", "first_seconds", "bad_seeds"))
@dataclass(frozen=True, kw_only=True)
class Chore:
    """Records a number that is a function of name and seed alone."""

    seed: int
    name: str = "a"
    journal: Path | None = None
    """Where each computation leaves a line: name, seed and the visible device; the memory of its process lies beside it."""
    seconds: float = 0.0
    first_seconds: float = 0.0
    """How much longer the first attempt takes, which leaves a file beside the journal."""
    bad_seeds: tuple[int, ...] = ()
    """Raises with these seeds; with -seed - 1 instead, its process is killed."""

    def __post_init__(self) -> None:
        check_seed("seed", self.seed)

    def run(self, recorder: Recorder) -> None:
        if self.seed in self.bad_seeds:
            raise TwoPartError(f"seed {self.seed} failed", "it was told to")
        if -self.seed - 1 in self.bad_seeds:
            os.kill(os.getpid(), signal.SIGKILL)
        with recorder.stage("chore"):
            time.sleep(self.seconds + (self.first_seconds if self._first() else 0.0))
        recorder.record({"number": float(generator(self.seed, "chore", self.name).normal())})
        if self.journal is not None:
            with Path(self.journal).open("a") as stream:
                stream.write(f"{self.name} {self.seed} {os.environ.get('CUDA_VISIBLE_DEVICES')}\n")
            with Path(f"{self.journal}-memory").open("a") as stream:
                stream.write(f"{psutil.Process().memory_info().rss}\n")

    def _first(self) -> bool:
        if self.journal is None:
            return False
        mark = Path(f"{self.journal}-{self.name}-{self.seed}")
        known = mark.exists()
        mark.touch()
        return not known
