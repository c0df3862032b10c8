"""What `${w2s.name:}` stands for in the configuration."""

from __future__ import annotations

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from w2s.app.signature import signature


def register() -> None:
    """Make the resolvers known; doing it again changes nothing."""
    OmegaConf.register_new_resolver("w2s.signature", _signature, replace=True, use_cache=False)
    OmegaConf.register_new_resolver("w2s.sweep", _sweep, replace=True, use_cache=False)


def _signature(*, _root_: DictConfig) -> str:
    return signature(_root_)


def _sweep(*, _root_: DictConfig) -> str:
    """The folder of a sweep: its experiment, or its study."""
    experiment = OmegaConf.select(_root_, "hydra.runtime.choices.experiment")
    return str(experiment or OmegaConf.select(_root_, "hydra.runtime.choices.study"))


def study_name() -> str:
    """The chosen study."""
    return str(HydraConfig.get().runtime.choices.study)


register()
