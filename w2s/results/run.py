"""What a run leaves in its folder."""

from __future__ import annotations

import functools
import json
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from w2s.results.recorder import Recorder
from w2s.utils.files import atomic_write, write_json

RESULTS = "results.json"
PACKAGES = (
    "w2s",
    "hydra-core",
    "omegaconf",
    "torch",
    "transformers",
    "datasets",
    "wandb",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
)


@dataclass(frozen=True, kw_only=True)
class RunIdentity:
    """Who a run is."""

    study: str
    signature: str
    seed: int
    attempt: int
    arm: str
    config: dict[str, Any]
    overrides: list[str]
    choices: dict[str, str | None] = field(default_factory=dict)
    """Config group -> choice."""
    experiment: str | None = None


def write_results(folder: Path, run: RunIdentity, recorder: Recorder, error: BaseException | None = None) -> dict[str, Any]:
    """Write tables first and `results.json` last, each to a temporary name and then renamed; returns the results."""
    for name, frame in recorder.tables.items():
        with atomic_write(folder / f"{name}.parquet") as partial:
            frame.to_parquet(partial, index=False)
    results: dict[str, Any] = {
        "status": "ok" if error is None else "failed",
        "error": None if error is None else f"{type(error).__name__}: {error}",
        "study": run.study,
        "experiment": run.experiment,
        "signature": run.signature,
        "seed": run.seed,
        "attempt": run.attempt,
        "arm": run.arm,
        "metrics": recorder.metrics,
        "skipped": recorder.skipped,
        "notes": recorder.notes,
        "facts": recorder.facts,
        "seconds": {name: round(seconds, 3) for name, seconds in recorder.seconds.items()},
        "config": run.config,
        "overrides": run.overrides,
        "choices": run.choices,
        "versions": versions(),
        "git": git_state(),
    }
    write_json(folder / RESULTS, results)
    return results


def read_results(folder: Path) -> dict[str, Any] | None:
    """The results in `folder`, or None where no run has ended there."""
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return results if isinstance(results, dict) else None


@functools.cache
def versions() -> dict[str, str]:
    """Installed versions of the packages that numbers depend on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@functools.cache
def git_state() -> dict[str, str | bool] | None:
    """Commit of the folder the run was started in, and whether it holds changes; None outside a repository."""
    try:
        commit = _git("rev-parse", "HEAD")
        return {"commit": commit, "changed": bool(_git("status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=5)
    return done.stdout.strip()
