"""A sweep from its plan to its summary, whichever launcher runs the jobs."""

from __future__ import annotations

import logging
import os
import shlex
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf

from w2s.cli.run.failure import rerun_command
from w2s.cli.run.run_folder import refuse_earlier
from w2s.cli.sweep.plan import Job, expand, plan
from w2s.errors import W2SError, wants_traceback
from w2s.results.files import RESULTS, ended_run
from w2s.results.progress import SweepOnDisk, attempts, write_plan

log = logging.getLogger(__name__)

TELL_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A job that left no finished run."""

    number: int
    """As the launcher counts them."""
    job: Job
    error: str


def run_sweep(
    arguments: Sequence[str],
    *,
    params: Mapping[str, Any] | None,
    batch: int | None,
    config: DictConfig,
    context: HydraContext,
    launcher: Launcher,
) -> list[Sequence[JobReturn]]:
    """Check everything, launch what is not finished, sum up.

    Args:
        arguments: overrides of the command line, ranges included.
        params: the sweep of an experiment.
        batch: jobs handed to the launcher at once; None: all.
        config: the sweep's own configuration.
        context: where configurations come from.
        launcher: runs the jobs.

    Raises:
        W2SError: a job is misconfigured, and nothing was launched; or some jobs failed, and all others are finished.
    """
    loader = context.config_loader
    jobs = plan(expand(arguments, loader, params), lambda overrides: loader.load_sweep_config(config, overrides))
    folder = Path(str(config.hydra.sweep.dir))
    for path in folder.glob(f"*/{RESULTS}"):
        refuse_earlier(path)
    todo = [job for job in jobs if not job.finished]
    log.info("%d jobs checked, %d of them finished earlier", len(jobs), len(jobs) - len(todo))
    if config.dryrun:
        for job in jobs:
            log.info("%s  %s", "finished" if job.finished else "to do   ", " ".join(job.overrides))
        return []
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(config, folder / "multirun.yaml")
    write_plan(folder, [job.folder for job in jobs if job.folder is not None])
    with progress_told(folder):
        returns, failed = launch_in_batches(todo, launcher, batch or max(1, len(todo)))
    say_how_to_sync(folder)
    log.info("tables, figures and a page of all runs: python -m w2s.report %s", shlex.quote(str(folder)))
    if failed:
        show(failed, jobs, config)
        raise W2SError(f"{len(failed)} of {len(jobs)} jobs failed; the same command redoes these and no other.")
    return returns


def launch_in_batches(jobs: Sequence[Job], launcher: Launcher, size: int) -> tuple[list[Sequence[JobReturn]], list[Failure]]:
    """What the launcher brings back of each batch, and the jobs that left no finished run."""
    returns: list[Sequence[JobReturn]] = []
    failed: list[Failure] = []
    for start in range(0, len(jobs), size):
        batch = jobs[start : start + size]
        returns.append(launched(batch, launcher, start))
        failed += failures(batch, returns[-1], start)
    return returns, failed


@contextmanager
def progress_told(folder: Path) -> Iterator[None]:
    """While a sweep runs, tell on standard error how far it is, whenever that has changed."""
    over = threading.Event()

    def tell() -> None:
        with suppress(W2SError, OSError):
            sweep, said = SweepOnDisk(folder), ""
            while not over.wait(TELL_SECONDS):
                progress = sweep.progress()
                if progress.counts != said:
                    said = progress.counts
                    sys.stderr.write(f"{progress}\n")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def say_how_to_sync(folder: Path) -> None:
    """One line for all W&B runs of the sweep that lie on disk."""
    own = os.environ.get("WANDB_DIR")
    root, below = (Path(own), "wandb/offline-run-*") if own else (folder, "*/wandb/offline-run-*")
    waiting = [run for run in root.glob(below) if not any(run.glob("*.synced"))]
    if waiting:
        log.info("W&B: %d runs are on disk; send them with: wandb sync %s/%s", len(waiting), shlex.quote(str(root)), below)


def launched(jobs: Sequence[Job], launcher: Launcher, start: int) -> Sequence[JobReturn]:
    """What the launcher brings back; nothing where it broke down after a job had begun, which the log then tells.

    Raises:
        W2SError: it broke down before.
    """

    def begun() -> list[Any]:
        return [job.folder and attempts(job.folder) for job in jobs]

    before = begun()
    try:
        return launcher.launch([job.overrides for job in jobs], initial_job_idx=start)
    except W2SError:
        raise
    except Exception as error:
        first_line = next(iter(str(error).strip().splitlines()), "")
        reason = f"the launcher broke down ({type(error).__name__}: {first_line})"
        if before == begun():
            raise W2SError(f"{reason} before a job began.\nLook at hydra.launcher, or say launcher=serial.") from error
        log.error("%s; what its jobs left on disk counts", reason, exc_info=wants_traceback())
        return []


def failures(jobs: Sequence[Job], answers: Sequence[JobReturn], start: int = 0) -> Iterator[Failure]:
    """The jobs that left no finished run: by what they answered, and without an answer by what lies on disk."""
    for number, (job, answer) in enumerate(zip_longest(jobs, answers), start):
        if answer is None or answer.status == JobStatus.UNKNOWN:
            error = error_on_disk(job)
        else:
            error = str(answer._return_value) if answer.status == JobStatus.FAILED else None
        if error is not None:
            yield Failure(number=number, job=job, error=error)


def error_on_disk(job: Job) -> str | None:
    """What went wrong in a job that gave no answer; None where it left a finished run."""
    results = None if job.folder is None else ended_run(job.folder)
    if results is None or results.attempt == job.attempt:
        return "It ended without a word: killed, cancelled or never started."
    return None if results.ok else str(results.error)


def show(failed: Sequence[Failure], jobs: Sequence[Job], config: DictConfig) -> None:
    """The table of failures; below it, ready to copy, each one's log and the command that runs it again."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shared = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    table = Table("job", "overrides", "error", title="Failed jobs", title_justify="left")
    for failure in failed:
        own = [override for override in failure.job.overrides if override not in shared]
        table.add_row(*map(escape, (str(failure.number), "\n".join(own), failure.error)))
    console = Console(soft_wrap=False)
    console.print(table)
    for failure in failed:
        job = failure.job
        log_file = "" if job.folder is None else f"\n   log: {job.folder / config.hydra.job.name}.log"
        text = f"job {failure.number}{log_file}\n   again: {rerun_command(job.overrides, config.hydra, sweep=True)}"
        console.print(text, soft_wrap=True, markup=False, highlight=False)
