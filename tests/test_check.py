"""What a run would need, said without starting it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dataset.hub.fake_hub import serving
from tests.dataset.hub.hub_schemas import write_mirror
from w2s.check import main
from w2s.cli.check.requirements import NOTHING

TINY = "model=tiny"


def test_the_embedded_default_needs_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "")
    assert main([]) == 0
    said = capsys.readouterr().out
    assert NOTHING in said
    assert "missing" not in said


@pytest.mark.slow
def test_a_hub_data_set_says_what_it_would_download(tmp_path: Path) -> None:
    write_mirror("cola", tmp_path / "hub", n=100)
    command = [sys.executable, "-m", "w2s.check", "dataset=cola", "dataset.id=made/up", TINY]
    with serving("made/up", tmp_path / "hub") as hub:
        environment = os.environ | {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "cache"), "COLUMNS": "160"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "made/up: 0.0 MB to download" in done.stdout
    assert "to fetch" in done.stdout
    assert hub.given == []
