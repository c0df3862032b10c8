"""hydra-ray-launcher, collecting in a way that survives whatever becomes of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn
from omegaconf import OmegaConf

from w2s.cli.sweep.launchers import PreparedLauncher, announced, composed, failed_job


class RayLauncher(PreparedLauncher):
    """Jobs as Ray tasks. How a job runs is hydra-ray-launcher's; its own launcher stops at the first that was killed."""

    def __init__(self, init: Mapping[str, Any], remote: Mapping[str, Any]) -> None:
        self.init, self.remote = init, remote

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run all jobs; each has an answer, also when its process was killed.

        Raises:
            ConfigError: Ray and its launcher are not installed.
        """
        from w2s.errors import ConfigError

        try:
            import ray

            # private there: how a job becomes a task, without its launcher, which stops at the first that was killed
            from hydra_plugins.hydra_ray_launcher._launcher_util import launch_job_on_ray, start_ray
        except ImportError as error:
            raise ConfigError(
                "launcher=ray needs an environment of its own, because of the versions it holds:\n"
                "pip install -c constraints-ray.txt -e '.[ray]'"
            ) from error
        start_ray(OmegaConf.create({key: value for key, value in self.init.items() if value is not None}))
        remote = OmegaConf.create({"max_retries": 0, **self.settled({"remote": self.remote}, job_overrides)["remote"]})
        tasks = []
        for job in announced(job_overrides, initial_job_idx):
            config = composed(self.hydra_context, self.config, job)
            tasks.append(launch_job_on_ray(self.hydra_context, remote, config, self.task_function, Singleton.get_state()))
        answers = []
        for task, overrides in zip(tasks, job_overrides, strict=True):
            try:
                answers.append(ray.get(task))
            except ray.exceptions.RayError as error:
                answers.append(failed_job(overrides, f"{type(error).__name__}: {str(error).splitlines()[0]}"))
        return answers
