"""What our launchers share: one job of a sweep in a process that did not begin it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from w2s.app.mistakes import Mistake

Task = tuple[int, Sequence[str]]
"""Number and overrides of a job."""


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
        number, overrides = task
        config = self.context.config_loader.load_sweep_config(self.config, list(overrides))
        with open_dict(config):
            config.hydra.job.id = f"{config.hydra.job.name}_{number}"
            config.hydra.job.num = number
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
    answer.return_value = Mistake(reason)
    return answer
