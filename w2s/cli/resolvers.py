"""What `${w2s.name:}` stands for in the configuration."""

from __future__ import annotations

from omegaconf import DictConfig, OmegaConf

from w2s.cli.signature import signature

CHOICES = "hydra.runtime.choices"


def register() -> None:
    """Make the resolvers known; doing it again changes nothing."""
    OmegaConf.register_new_resolver("w2s.signature", _signature, replace=True, use_cache=False)
    OmegaConf.register_new_resolver("w2s.sweep", _sweep, replace=True, use_cache=False)


def _signature(*, _root_: DictConfig) -> str:
    return signature(_root_)


def _sweep(*, _root_: DictConfig) -> str:
    """The folder of a sweep: its experiment, or its study."""
    return str(OmegaConf.select(_root_, f"{CHOICES}.experiment") or OmegaConf.select(_root_, f"{CHOICES}.study"))


register()
