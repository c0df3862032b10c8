"""hydra-submitit on Slurm, waiting in a way that survives whatever becomes of a job."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn
from omegaconf import OmegaConf

from w2s.cli.sweep.launchers import PreparedLauncher, announced, failed_job

if TYPE_CHECKING:
    from submitit import Job

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
GRACE_POLLS = 3
"""Polls for which a job may be out of the queue before its result is there: file systems of clusters are slow."""
GENERAL = frozenset(
    {"timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes", "name", "stderr_to_stdout"}
)
"""Parameters that submitit knows for every kind of cluster; the others are Slurm's own."""


EQUALS = {"name": "job_name", "timeout_min": "time", "tasks_per_node": "ntasks_per_node"}
"""Parameter for every kind of cluster -> Slurm's own."""
APART = ("submitit_folder", "max_num_timeout", "mem_gb")
"""Parameters that a script does not hold as they are."""


class SlurmLauncher(PreparedLauncher):
    """One array job a sweep. The jobs, their signals and requeueing are hydra-submitit's.

    hydra-submitit's own launcher raises at the first job that was cancelled or killed and loses the answers of all others,
    and without accounting it waits for that job for ever. This one asks `squeue`, which every cluster has.
    """

    def __init__(self, **params: Any) -> None:
        self.params = {
            k: OmegaConf.to_container(v, resolve=True) if OmegaConf.is_config(v) else v for k, v in params.items()
        }

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Submit all jobs and wait; each has an answer, also when it was cancelled or killed.

        Raises:
            ConfigError: the extra is not installed, or this is no Slurm cluster.
        """
        from w2s.errors import require

        elsewhere = "Start the sweep on the cluster's login node, or say launcher=joblib."
        require(shutil.which("sbatch") is not None, f"launcher=slurm: there is no sbatch here.\n{elsewhere}")
        obstacle = silence()
        require(obstacle is None, f"launcher=slurm: Slurm does not answer here ({obstacle}).\n{elsewhere}")
        with needs_extra():
            from hydra_plugins.hydra_submitit_launcher.submitit_launcher import SlurmLauncher as Engine
        self.params = self.settled(self.params, job_overrides)
        engine = Engine(**self.params)
        engine.setup(hydra_context=self.hydra_context, task_function=self.task_function, config=self.config)
        jobs = self.submit(engine, job_overrides, initial_job_idx)
        states = wait([Path(job.paths.result_pickle) for job in jobs], [str(job.job_id) for job in jobs])
        return [answer(job, overrides, state) for job, overrides, state in zip(jobs, job_overrides, states, strict=True)]

    def submit(self, engine: Any, job_overrides: Sequence[Sequence[str]], first: int) -> list[Job[JobReturn]]:
        """Hand the jobs to Slurm as one array."""
        import submitit

        settings = dict(self.params)
        folder, retries = settings.pop("submitit_folder"), settings.pop("max_num_timeout")
        executor = submitit.AutoExecutor(folder=str(folder), cluster="slurm", slurm_max_num_timeout=retries)
        executor.update_parameters(**{k if k in GENERAL else f"slurm_{k}": v for k, v in settings.items() if v is not None})
        numbers = [number for number, _ in announced(job_overrides, first)]
        jobs: list[Any] = executor.map_array(
            engine,
            [list(overrides) for overrides in job_overrides],
            ["hydra.sweep.dir"] * len(numbers),
            numbers,
            [f"job_id_for_{number}" for number in numbers],
            [Singleton.get_state()] * len(numbers),
        )
        log.info("%d jobs handed to Slurm: %s", len(jobs), jobs[0].job_id.split("_")[0])
        return jobs


@contextmanager
def needs_extra() -> Iterator[None]:
    """Answer an import that fails with what to install.

    Raises:
        ConfigError: the extra is not installed.
    """
    from w2s.errors import ConfigError

    try:
        yield
    except ImportError as error:
        raise ConfigError("launcher=slurm needs hydra-submitit-launcher: pip install 'w2s[slurm]'.") from error


def script(params: Mapping[str, Any], jobs: int) -> str:
    """The script that `sbatch` would be given for so many jobs.

    Raises:
        ConfigError: the extra is not installed.
    """
    with needs_extra():
        from submitit.slurm.slurm import _make_sbatch_string
    settings = {EQUALS.get(k, k): v for k, v in params.items() if v is not None and k not in APART}
    if params.get("mem_gb") is not None:
        settings["mem"] = f"{params['mem_gb']}GB"
    folder = params["submitit_folder"]
    command = f"{sys.executable} -u -m submitit.core._submit {folder}"
    text = str(_make_sbatch_string(command, folder=folder, map_count=jobs, **settings))
    return "\n".join(line for line in text.splitlines() if line and line != "# Parameters")


def wait(
    results: Sequence[Path],
    ids: Sequence[str],
    *,
    ask: Callable[[], Mapping[str, str] | None] | None = None,
    pause: float = POLL_SECONDS,
) -> list[str]:
    """Wait until every job has left a result or has left the queue without one.

    Args:
        results: the file each job leaves at its end.
        ids: as `squeue` names the jobs.
        ask: gives the states of all jobs that Slurm remembers; None: it did not answer.
        pause: seconds between two questions.

    Returns:
        The last known state of each job, `gone` for one that Slurm has forgotten.
    """
    last = dict.fromkeys(ids, "gone")
    missed = dict.fromkeys(ids, 0)
    while True:
        waiting = [
            name for name, result in zip(ids, results, strict=True) if not result.exists() and missed[name] < GRACE_POLLS
        ]
        if not waiting:
            return [last[name] for name in ids]
        states = (ask or queue)()
        for name in waiting if states is not None else ():
            last[name] = (states or {}).get(name, last[name])
            missed[name] = 0 if (states or {}).get(name, "gone") in UNFINISHED else missed[name] + 1
        time.sleep(pause)


UNFINISHED = frozenset(
    "PENDING RUNNING SUSPENDED COMPLETING CONFIGURING REQUEUED REQUEUE_HOLD REQUEUE_FED RESV_DEL_HOLD SIGNALING STAGE_OUT "
    "STOPPED SPECIAL_EXIT RESIZING PREEMPTED".split()
)
"""States from which a job may still leave a result."""


def silence() -> str | None:
    """Why Slurm does not answer; None where it does."""
    try:
        done = subprocess.run(["squeue", "--noheader", "--me"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None if done.returncode == 0 else next(iter(done.stderr.splitlines()), "squeue failed")


def queue() -> dict[str, str] | None:
    """The state of each of the user's jobs that Slurm remembers; None when it does not answer."""
    command = ["squeue", "--noheader", "--me", "--array", "--states=all", "--format=%i %T"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("squeue does not answer (%s); waiting", error)
        return None
    return dict(line.split() for line in done.stdout.splitlines() if line.strip())


def answer(job: Job[JobReturn], overrides: Sequence[str], state: str) -> JobReturn:
    """What the job returned; a failure with the reason where it could not return anything."""
    if not Path(job.paths.result_pickle).exists():
        return failed_job(overrides, f"Slurm ended it without a result ({state}); see {job.paths.stderr}")
    error = job.exception()
    return job.result() if error is None else failed_job(overrides, str(error).strip().splitlines()[-1])
