"""hydra-ray-launcher, collecting in a way that survives whatever becomes of a job."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, filter_overrides
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

log = logging.getLogger(__name__)


class RayLauncher(Launcher):
    """Jobs as Ray tasks. How a job runs is hydra-ray-launcher's; its own launcher stops at the first that was killed."""

    def __init__(self, init: Mapping[str, Any], remote: Mapping[str, Any]) -> None:
        self.init, self.remote = init, remote
        self.config: DictConfig | None = None
        self.hydra_context: HydraContext | None = None
        self.task_function: TaskFunction | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what jobs are made of."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; each has an answer, also when its process was killed.

        Raises:
            ConfigError: Ray and its launcher are not installed.
        """
        from w2s.app.launch import failed_job
        from w2s.errors import ConfigError

        try:
            import ray
            from hydra_plugins.hydra_ray_launcher._launcher_util import launch_job_on_ray, start_ray
        except ImportError as error:
            raise ConfigError(
                "launcher=ray needs an environment of its own, because of the versions it holds:\n"
                "pip install -c constraints-ray.txt 'w2s[ray]'"
            ) from error
        assert self.config is not None
        assert self.hydra_context is not None
        start_ray(OmegaConf.create({key: value for key, value in self.init.items() if value is not None}))
        tasks = []
        for number, overrides in enumerate(job_overrides, initial_job_idx):
            log.info("\t#%d : %s", number, " ".join(filter_overrides(overrides)))
            config = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
            with open_dict(config):
                config.hydra.job.id = f"{config.hydra.job.name}_{number}"
                config.hydra.job.num = number
            remote = OmegaConf.create({"max_retries": 0, **self.remote})
            state = Singleton.get_state()
            tasks.append(launch_job_on_ray(self.hydra_context, remote, config, self.task_function, state))
        answers = []
        for task, overrides in zip(tasks, job_overrides, strict=True):
            try:
                answers.append(ray.get(task))
            except ray.exceptions.RayError as error:
                answers.append(failed_job(overrides, f"{type(error).__name__}: {str(error).splitlines()[0]}"))
        return answers
