"""What our launchers share: what they are handed, and one job of a sweep in a process that did not begin it.

Also which of them runs the jobs of a command, and what it would hand to a cluster.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, filter_overrides, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

from w2s.cli.run.failure import UserError
from w2s.errors import require

OURS = "hydra_plugins.w2s."
"""Launchers of the package: each runs the jobs of a sweep, and nothing else."""
ELSEWHERE = ("slurm", "ray")
"""Those of them whose jobs may run on other machines."""

log = logging.getLogger(__name__)

Task = tuple[int, Sequence[str]]
"""Number and overrides of a job."""


class PreparedLauncher(Launcher):
    """A launcher once it holds what jobs are made of."""

    hydra_context: HydraContext
    task_function: TaskFunction
    config: DictConfig

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what jobs are made of."""
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config

    def settled(self, params: Mapping[str, Any], job_overrides: Sequence[Sequence[str]]) -> dict[str, Any]:
        """Settings of the launcher, with the GPUs that the jobs want where those are left to them."""
        from w2s.cli.sweep.gpu_requests import with_gpus

        settings = {tuple(each for each in job if not each.startswith("seed=")): job for job in job_overrides}
        jobs = (composed(self.hydra_context, self.config, (0, job)) for job in settings.values())
        return with_gpus(dict(params), jobs)


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


def check_launcher(config: DictConfig, *, multirun: bool) -> None:
    """Refuse a launcher of sweeps for a single run, which it would never see.

    Raises:
        ConfigError: naming what to add.
    """
    name = launcher_of(config)
    require(multirun or not name, f"launcher={name} runs the jobs of a sweep: add -m, or leave it out to run here.")


def launcher_of(config: DictConfig) -> str:
    """Which of our launchers runs the jobs; empty for any other."""
    target = str(OmegaConf.select(config, "hydra.launcher._target_") or "")
    return target.removeprefix(OURS).split(".")[0] if target.startswith(OURS) else ""


def runs_here(config: DictConfig) -> bool:
    """Whether jobs run on this machine."""
    return launcher_of(config) not in ELSEWHERE


def submitted(config: DictConfig, jobs: int) -> str:
    """What a cluster would be handed for so many jobs: a script, or what each takes; empty where nothing is."""
    name = launcher_of(config)
    if name not in ELSEWHERE:
        return ""
    from w2s.cli.sweep.gpu_requests import with_gpus

    node = with_gpus(config.hydra.launcher, [config])
    del node["_target_"]
    if name == "slurm":
        from hydra_plugins.w2s.slurm import script

        return f"one array job of {jobs:,}, at most {node['array_parallelism']} at a time:\n{script(node, jobs)}"
    cluster = node["init"].get("address") or "a cluster on this machine for the sweep"
    return f"{jobs:,} tasks on {cluster}; each takes {json.dumps(node['remote'])}"
