"""Configuration and plugins are found from a checkout, an editable install and a wheel, by module and by script."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from w2s.cli.configuration.paths import conf_folder

REPOSITORY = Path(__file__).resolve().parents[3]
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


def installed(how: str, checkout: Path, environment: Path, scratch: Path) -> None:
    """Install w2s into the environment, `editable` or as a `wheel`."""
    python = str(environment / "bin" / "python")
    install = (python, "-m", "pip", "install", "-q", "--no-deps")
    if how == "editable":
        run(*install, "--no-build-isolation", "-e", str(checkout), cwd=scratch)
        return
    run(python, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(scratch), str(checkout), cwd=scratch)
    (wheel,) = scratch.glob("*.whl")
    run(*install, str(wheel), cwd=scratch)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["checkout", "editable", "wheel"])
def test_configuration_and_launchers_are_found_however_it_is_installed(
    checkout: Path, environment: Path, tmp_path: Path, how: str
) -> None:
    python, script = (str(environment / "bin" / name) for name in ("python", "w2s"))
    folder = checkout if how == "checkout" else tmp_path / "elsewhere"
    folder.mkdir(exist_ok=True)
    if how != "checkout":
        installed(how, checkout, environment, tmp_path)
    for start in [(python, "-m", "w2s.main")] if how == "checkout" else [(python, "-m", "w2s.main"), (script,)]:
        out = tmp_path / Path(start[-1]).name
        plain = ("study=transfer", "tracker=none", "figures=false")
        run(*start, *plain, f"hydra.run.dir={out}/single", cwd=folder)
        slots = ("launcher=local_gpus", "hydra.launcher.devices=[0,1]")
        run(*start, "-m", "seed=0,1", *slots, *plain, f"hydra.sweep.dir={out}/sweep", cwd=folder)
        assert len(list(out.glob("single/results.json"))) == 1
        assert len(list(out.glob("sweep/*/results.json"))) == 2
    found = run(python, "-c", "import w2s.cli.configuration.paths as p; print(p.conf_folder())", cwd=folder).strip()
    assert Path(found).is_relative_to(environment if how == "wheel" else checkout)
