"""The site builds from what is written, without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_site_has_the_readme_every_experiment_and_every_part_of_the_package(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package)
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "overlap density" in (tmp_path / "index.html").read_text()
    for folder in (ROOT / "experiments").glob("*/README.md"):
        assert (tmp_path / "experiments" / folder.parent.name / "index.html").exists()
    assert "w2s.detector.base.TwoStepDetector" in (tmp_path / "reference" / "detector" / "index.html").read_text()
