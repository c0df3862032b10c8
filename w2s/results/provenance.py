"""The code that numbers come from: installed versions, and the commit of the working folder."""

from __future__ import annotations

import functools
import subprocess
from importlib.metadata import PackageNotFoundError, version

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
