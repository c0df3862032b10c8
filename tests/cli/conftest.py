"""Commands run as a person runs them, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CHORES = Path(__file__).resolve().parent / "chores"
CHORE = ("--config-dir", str(CHORES / "conf"), "-m", "study=chore", "allow_targets=[chores]", "tracker=none")
"""A sweep of `chores.Chore`, to which a test adds seeds and a launcher."""


class Sweeps:
    """Sweeps of chores in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.environment = os.environ | {
            "PYTHONPATH": f"{REPOSITORY}:{CHORES}",
            "W2S_JOURNAL": str(self.journal),
            "COLUMNS": "120",
            "OMP_NUM_THREADS": "1",
        }
        self.environment.pop("HYDRA_FULL_ERROR", None)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "w2s.main", *CHORE, *arguments]

    def run(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=timeout
        )

    def results(self, sweep: str | int = "**") -> dict[str, dict[str, Any]]:
        """Run folder's name -> results, of one sweep or of all."""
        found = sorted((self.folder / "multirun_outputs").glob(f"{sweep}/*/results.json"))
        return {file.parent.name: json.loads(file.read_text()) for file in found}

    def numbers(self, sweep: str | int = "**") -> dict[str, float | None]:
        """Run folder's name -> the chore's number; None for a failed run."""
        return {name: results["metrics"].get("number") for name, results in self.results(sweep).items()}

    def finished(self, sweep: str | int) -> dict[str, int]:
        """Run folder's name -> when its results were written, of runs that are finished."""
        folder = self.folder / "multirun_outputs" / str(sweep)
        finished = [name for name, results in self.results(sweep).items() if results["status"] == "ok"]
        return {name: (folder / name / "results.json").stat().st_mtime_ns for name in finished}

    def done(self) -> list[str]:
        """The journal: one line for each computation that ended."""
        return sorted(self.journal.read_text().splitlines()) if self.journal.exists() else []


@pytest.fixture
def sweeps(tmp_path: Path) -> Sweeps:
    return Sweeps(tmp_path)
