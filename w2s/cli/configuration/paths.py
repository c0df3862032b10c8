"""Where the configuration lies."""

from __future__ import annotations

from pathlib import Path


def conf_folder() -> Path:
    """The folder of `config.yaml`: inside the package where it was installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    candidates = (package / "conf", package.parent / "conf")
    for folder in candidates:
        if (folder / "config.yaml").is_file():
            return folder
    raise FileNotFoundError(f"no config.yaml in {' or '.join(map(str, candidates))}: the installation is incomplete")
