"""A sweep that checks first, resumes, survives its failures and says how to put them right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from w2s.utils.processes import end_with_parent
from w2s.utils.ranges import Count


class ResumingSweeper(Sweeper):
    """Every combination, as of Hydra's basic sweeper; but all are checked before one is launched, and none is run twice.

    `max_batch_size` jobs are handed to the launcher at once, None: all. `params` is the sweep of an experiment, setting ->
    values, which the command line overrides.
    """

    hydra_context: HydraContext
    launcher: Launcher
    config: DictConfig

    def __init__(self, max_batch_size: Count | None = None, params: Mapping[str, Any] | None = None) -> None:
        self.max_batch_size, self.params = max_batch_size, params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what jobs are made of."""
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(hydra_context, task_function, config)
        joblib = getattr(self.launcher, "joblib", None)
        if isinstance(joblib, dict):  # what its launcher hands to `joblib.Parallel`
            joblib["initializer"] = end_with_parent

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Hand over to `w2s.cli.sweep.multirun`."""
        from w2s.cli.sweep.multirun import run_sweep

        return run_sweep(
            arguments,
            params=self.params,
            batch=self.max_batch_size,
            config=self.config,
            context=self.hydra_context,
            launcher=self.launcher,
        )
