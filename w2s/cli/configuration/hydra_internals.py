"""All that is used of Hydra's private API. Everything else is what Hydra gives to plugins."""

from __future__ import annotations

from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path, get_args_parser

__all__ = [
    "BasicSweeper",  # makes jobs of ranges: a sweep holds the jobs that Hydra's own would hold
    "ConfigLoaderImpl",  # composes; ours composes each combination of choices once
    "Hydra",  # runs a job or a sweep with a loader of one's own, which hydra.main does not take
    "apply_overrides",  # sets values as Hydra does, on a configuration that is composed already
    "create_config_search_path",  # what a loader reads: Hydra's own folder, ours, and those of plugins
    "get_args_parser",  # Hydra's options, which its own help reads
    "get_overrides_dirname",  # ${hydra.job.override_dirname} of a job whose values are set on a copy
]

apply_overrides = ConfigLoaderImpl._apply_overrides_to_config
