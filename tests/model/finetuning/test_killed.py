"""A fit that is killed again and again ends as one that was left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KILLS = 20


@pytest.mark.slow
def test_twenty_kills_change_no_bit_of_the_outcome(tmp_path: Path) -> None:
    ends = [run(tmp_path / name, kills) for name, kills in (("killed", KILLS), ("alone", 0))]
    assert ends[0].stdout == ends[1].stdout != ""
    assert ends[0].stderr.count("taken up after step") >= 3
    assert [path.name for path in (tmp_path / "killed" / "fits").rglob("progress*")] == []


def run(store: Path, kills: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, str(store), str(kills)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)


PROGRAM = """
import logging, sys
from tests.model.finetuning.killed import main
logging.basicConfig(level=logging.INFO)
main(sys.argv[1], int(sys.argv[2]))
"""
