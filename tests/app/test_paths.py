"""The configuration is found from a checkout, an editable install, a wheel's console script and a wheel's module."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from w2s.app.paths import conf_folder

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = ("w2s", "conf", "pyproject.toml", "README.md", "LICENSE")


def test_a_checkout_uses_its_own_configuration() -> None:
    assert conf_folder() == REPOSITORY / "conf"


def run(*command: str, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own files, elsewhere."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in SHIPPED:
        source = REPOSITORY / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A fresh environment that sees the installed dependencies, but no installed w2s."""
    folder = tmp_path / "venv"
    run(sys.executable, "-m", "venv", str(folder), cwd=tmp_path)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_an_installed_package_runs_from_any_folder(
    checkout: Path, environment: Path, tmp_path: Path, *, editable: bool
) -> None:
    python = str(environment / "bin" / "python")
    if editable:
        run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", str(checkout), cwd=tmp_path)
    else:
        run(python, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(checkout), cwd=tmp_path)
        (wheel,) = tmp_path.glob("*.whl")
        run(python, "-m", "pip", "install", "-q", "--no-deps", str(wheel), cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments = ("study=transfer", "tracker=none", "figures=false")
    run(str(environment / "bin" / "w2s"), *arguments, cwd=elsewhere)
    run(python, "-m", "w2s.main", *arguments, cwd=elsewhere)
    assert len(list(elsewhere.glob("outputs/*/results.json"))) == 2
    found = run(python, "-c", "import w2s.app.paths as p; print(p.conf_folder())", cwd=elsewhere).strip()
    assert Path(found).is_relative_to(checkout if editable else environment)
