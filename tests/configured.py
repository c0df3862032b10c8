"""Config choices as objects, composed and built as a run does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.utils import instantiate

from w2s.cli.shared_choices import SHARED, offer_shared_choices

CONF = Path(__file__).resolve().parents[1] / "conf"


def choices(group: str) -> list[str]:
    """Names of all choices of a group, the shared ones included."""
    folders = [CONF / name for name in (group, SHARED.get(group)) if name]
    return sorted(path.stem for folder in folders for path in folder.glob("*.yaml"))


def built(group: str, choice: str, *overrides: str) -> Any:
    """The object that a choice stands for."""
    GlobalHydra.instance().clear()
    offer_shared_choices()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"{group}={choice}", *overrides])
        return instantiate(config[group], _convert_="all")
