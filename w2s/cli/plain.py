"""Configurations as plain values."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.errors import ConfigError


def without_hydra(config: DictConfig) -> DictConfig:
    """A copy of the configuration that can be changed, without Hydra's own node."""
    copy = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    OmegaConf.set_readonly(copy, value=False)
    OmegaConf.set_struct(copy, value=False)
    return copy


def plain(config: DictConfig) -> dict[str, Any]:
    """The resolved configuration without Hydra's own node; what is missing stays `???`.

    Raises:
        ConfigError: an interpolation leads nowhere.
    """
    try:
        whole = OmegaConf.to_container(without_hydra(config), resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key or 'config'}: {str(error).splitlines()[0]}") from error
    assert isinstance(whole, dict), "the root of a configuration is a mapping"
    return {str(key): value for key, value in whole.items()}
