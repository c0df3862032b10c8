"""The one way from configuration to objects."""

from __future__ import annotations

from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from w2s.errors import ConfigError, W2SError


def build(node: DictConfig, **arguments: Any) -> Any:
    """Instantiate a checked node; `arguments` are plain values for a node that is made `_partial_`.

    Raises:
        W2SError: as the constructor raised it.
        ConfigError: the constructor failed otherwise; the cause is kept.
    """
    try:
        # a plain copy: instantiate resolves what a node points to in place, and a baked-in seed would enter the signature
        made = instantiate(OmegaConf.to_container(node, resolve=True), _convert_="all")
        return made(**arguments) if arguments else made
    except InstantiationException as error:
        cause = error.__cause__
        while cause is not None and not isinstance(cause, W2SError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, W2SError):
            raise cause from error
        raise ConfigError(str(error).splitlines()[0]) from error
