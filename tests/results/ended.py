"""Runs that have ended, as they lie on disk."""

from __future__ import annotations

from pathlib import Path

from w2s.results.files import write_results
from w2s.results.recorder import Recorder
from w2s.results.schema import RunIdentity, RunResults


def end_run(folder: Path, *, attempt: int = 1, error: BaseException | None = None) -> RunResults:
    """A run that measured nothing, in a folder that may not exist yet; it failed where there is an `error`."""
    folder.mkdir(parents=True, exist_ok=True)
    run = RunIdentity(study="full", signature="abc", seed=0, attempt=attempt, setting="", config={}, overrides=[])
    return write_results(folder, run, Recorder(), error)
