"""Overrides against the configuration that they change: each key is there, or the nearest one is named."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Collection
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from w2s.cli.targets import find_target
from w2s.errors import ConfigError, suggestion


def is_choice(override: str) -> bool:
    """Whether an override picks from a config group."""
    group = override.lstrip("+~").split("=")[0].split("@")[0]
    return bool(GlobalHydra.instance().config_loader().get_group_options(group))


def check_key(override: Override, config: DictConfig) -> None:
    """Refuse a key that the composed configuration does not have.

    Raises:
        ConfigError: naming the nearest key at that place.
    """
    key = override.key_or_group
    if override.is_add() or is_choice(override.input_line or key):
        return
    node: Any = config
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, DictConfig):
            where = ".".join(parts[:depth])
            if is_choice(where):
                raise ConfigError(f"{key}: no {where} is chosen, so it has no settings. Choose one, too: {where}=...")
            raise ConfigError(f"{key}: '{where}' is a value, not a group of settings.")
        if part not in node:
            known = [str(name) for name in node if not str(name).startswith("_")]
            where = ".".join(parts[:depth])
            inside = f"{where} has no setting '{part}'" if where else f"there is no setting or group '{part}'"
            if part in arguments_of(node) and not override.is_delete():
                raise ConfigError(
                    f"{key}: {where} leaves '{part}' at its default.\nSet it with a plus: +{override.input_line}"
                )
            raise ConfigError(f"{key}: {inside}.{suggestion(part, known)}\nIt has: {', '.join(known) or 'none'}.")
        node = node._get_node(part)


def arguments_of(node: DictConfig) -> Collection[str]:
    """What the class or function of a node takes; nothing where it names none that can be found."""
    with contextlib.suppress(ConfigError):
        return inspect.signature(find_target(str(node.get("_target_")), "")).parameters
    return ()
