"""Config choices as objects, composed and built as a run does it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from hydra.utils import instantiate
from omegaconf import DictConfig

from w2s.cli.command_line import perform, read_command
from w2s.cli.configuration.compose import session
from w2s.cli.configuration.shared_choices import SHARED, offer_shared_choices

CONF = Path(__file__).resolve().parents[1] / "conf"


def choices(group: str) -> list[str]:
    """Names of all choices of a group, the shared ones included."""
    folders = [CONF / name for name in (group, SHARED.get(group)) if name]
    return sorted(path.stem for folder in folders for path in folder.glob("*.yaml"))


def built(group: str, choice: str, *overrides: str) -> Any:
    """The object that a choice stands for."""
    return instantiate(deepcopy(_settings(f"{group}={choice}", *overrides))[group], _convert_="all")


@cache
def _settings(*overrides: str) -> DictConfig:
    GlobalHydra.instance().clear()
    offer_shared_choices()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))


def composed(*overrides: str, config_dir: Path | None = None) -> DictConfig:
    """The configuration of a single run."""
    with session(None if config_dir is None else str(config_dir)) as hydra:
        return hydra.config_loader.load_configuration("config", list(overrides), RunMode.RUN)


def check_command(arguments: Sequence[str], *, multirun: bool = False) -> None:
    """A command up to where Hydra would run it."""
    command = read_command([*arguments, "-m"] if multirun else arguments)
    with session(command.config_dir) as hydra:
        hydra.run = hydra.multirun = lambda *_: None  # type: ignore[method-assign]
        perform(command, hydra)
