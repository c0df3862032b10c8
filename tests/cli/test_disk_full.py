"""A disk that is full at any moment ends a run in one message, and the same command completes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("disk_full.py")
SIZES = [0, 1, 100, *(int(500 * 1.55**k) for k in range(15))]
"""Bytes that a file may have: from none to what figures take."""


@pytest.mark.slow
def test_outputs_that_stop_at_any_size_are_one_message_and_completed_by_the_same_command(sweeps) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, sweeps.folder, "all", *map(str, SIZES)],
        cwd=sweeps.folder,
        env=sweeps.environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    whole, *bounded = map(json.loads, done.stdout.splitlines())
    assert len(bounded) == len(SIZES)
    for found in bounded:
        output, limit = found["output"], found["limit"]
        assert "Traceback" not in output, f"{limit}: {output}"
        told = [line for line in output.splitlines() if line.startswith("w2s: ")]
        assert len(told) == (found["code"] != 0), f"{limit}: {output}"
        assert (found["again"], found["metrics"], found["files"]) == (0, whole["metrics"], whole["files"]), limit
    assert {found["code"] for found in bounded} == {0, 1}
