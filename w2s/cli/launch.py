"""What our launchers share: what they are handed, and one job of a sweep in a process that did not begin it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, filter_overrides, run_job, setup_globals
from hydra.errors import CompactHydraException
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

log = logging.getLogger(__name__)

Task = tuple[int, Sequence[str]]
"""Number and overrides of a job."""


class UserError(CompactHydraException):
    """What went wrong in a job, as plain text: printed without a traceback, and a sweep goes on with its other jobs."""


class PreparedLauncher(Launcher):
    """A launcher once it holds what jobs are made of."""

    hydra_context: HydraContext
    task_function: TaskFunction
    config: DictConfig

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what jobs are made of."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config


def announced(job_overrides: Sequence[Sequence[str]], first: int) -> list[Task]:
    """The jobs with their numbers from `first` on, as the log shows them."""
    tasks = list(enumerate(job_overrides, first))
    for number, overrides in tasks:
        log.info("\t#%d : %s", number, " ".join(filter_overrides(overrides)))
    return tasks


def composed(context: HydraContext, config: DictConfig, task: Task) -> DictConfig:
    """The configuration of one job of the sweep that `config` describes."""
    number, overrides = task
    job = context.config_loader.load_sweep_config(config, list(overrides))
    with open_dict(job):
        job.hydra.job.id = f"{job.hydra.job.name}_{number}"
        job.hydra.job.num = number
    return job


@dataclass(frozen=True)
class Begin:
    """Takes Hydra's state over once, then runs jobs."""

    context: HydraContext
    config: DictConfig
    function: TaskFunction
    state: Any
    """`Singleton.get_state()` of the launching process."""

    def __call__(self) -> Callable[[Task], JobReturn]:
        """Ready for jobs."""
        setup_globals()
        Singleton.set_state(self.state)
        return self.run

    def run(self, task: Task) -> JobReturn:
        """Compose and run one job in its own folder; an exception comes back in the answer."""
        config = composed(self.context, self.config, task)
        HydraConfig.instance().set_config(config)
        return run_job(
            hydra_context=self.context,
            config=config,
            task_function=self.function,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )


def failed_job(overrides: Sequence[str], reason: str) -> JobReturn:
    """The answer of a job that could not give one."""
    answer = JobReturn(overrides=list(overrides), status=JobStatus.FAILED)
    answer.return_value = UserError(reason)
    return answer
