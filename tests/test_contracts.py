"""The import contracts of pyproject.toml catch what they are there for: each is tried on a skeleton with one wrong line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter", reason="make check brings import-linter")
ROOT = Path(__file__).resolve().parents[1]
CYCLE = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import w2s.pool.one"


def lint(folder: Path) -> str:
    """What import-linter says of the skeleton, its exit code first."""
    command = [sys.executable, "-c", "import importlinter.cli as c; c.lint_imports_command()", "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return f"{done.returncode} {done.stdout}"


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The parts of the package, each empty."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for part in [*ROOT.glob("w2s/*"), *ROOT.glob("w2s/study/*")]:
        if part.suffix == ".py" or (part / "__init__.py").is_file():
            module = tmp_path / part.relative_to(ROOT)
            module = module if part.suffix == ".py" else module / "__init__.py"
            module.parent.mkdir(parents=True, exist_ok=True)
            module.touch()
    (tmp_path / "w2s/cli/it.py").write_text("import hydra, omegaconf")
    (tmp_path / "w2s/pool/one.py").write_text("import w2s.utils\nimport w2s.pool.two\n")
    (tmp_path / "w2s/pool/two.py").touch()
    return tmp_path


def test_imports_down_the_floors_are_allowed(skeleton: Path) -> None:
    assert lint(skeleton).startswith("0 ")


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("types", "import w2s.pool", "floors"),
        ("detector/mine", "import w2s.model", "floors"),
        ("basement", "", "floors"),
        ("pool/mine", "def f():\n    import omegaconf", "top floor only"),
        ("study/mixing", "import w2s.study.transfer", "No study imports"),
        ("pool/two", CYCLE, "import each other"),
    ],
)
def test_a_wrong_import_breaks_its_contract(skeleton: Path, module: str, line: str, broken: str) -> None:
    (skeleton / f"w2s/{module}.py").write_text(line)
    said = lint(skeleton)
    assert said.startswith("1 ")
    assert [text for text in said.splitlines() if broken in text and "BROKEN" in text]
