"""The one way from configuration to objects."""

from __future__ import annotations

import re
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from w2s.cli.places import named
from w2s.cli.plain import plain
from w2s.errors import ConfigError, W2SError

FULL_KEY = re.compile(r"^full_key: (\S+)$", re.MULTILINE)


def build(node: DictConfig, **arguments: Any) -> Any:
    """Instantiate a checked node; `arguments` are plain values for a node that is made `_partial_`.

    Raises:
        W2SError: as the constructor raised it, with the whole path of the setting that it names.
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
            raise _placed(cause, node, error) from error
        raise ConfigError(str(error).splitlines()[0]) from error


def _placed(cause: W2SError, node: DictConfig, error: InstantiationException) -> W2SError:
    """The constructor's error, at the place where Hydra was when it arose."""
    inner = FULL_KEY.search(str(error))
    where = ".".join(part for part in (node._get_full_key(None), inner and inner[1]) if part)
    root = node._get_root()
    return named(cause, where, plain(root)) if isinstance(root, DictConfig) else cause
