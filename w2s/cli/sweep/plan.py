"""The jobs of a sweep: checked, and compared with what is finished, before the first starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.errors import HydraException
from omegaconf import DictConfig

from w2s.cli.configuration.checks import ready
from w2s.cli.configuration.hydra_internals import BasicSweeper
from w2s.cli.configuration.overrides import first_job, parse
from w2s.cli.configuration.signature import signature
from w2s.cli.run.run_folder import folder_of_job, is_finished, known_results
from w2s.errors import ConfigError, W2SError
from w2s.utils.ranges import Seed, check_value

Overrides = tuple[str, ...]
Load = Callable[[list[str]], DictConfig]
"""Composes the configuration of one job, Hydra's own node included."""
SEED = "seed="


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a sweep."""

    overrides: Overrides
    folder: Path | None
    """Where it writes; None where only the job itself can tell, such as a folder named after the job's number."""
    finished: bool
    """Whether its results lie there already."""
    attempt: int
    """The attempt whose results lay there when the sweep began."""


def expand(arguments: Sequence[str], loader: ConfigLoader, params: Mapping[str, Any] | None = None) -> list[Overrides]:
    """The overrides of all jobs: the command's over the experiment's own sweep (`hydra.sweeper.params`).

    Raises:
        ConfigError: nothing to sweep over, too many jobs, or a continuous range, which only an optimiser can sweep.
    """
    parsed = parse([*(f"{key}={value}" for key, value in (params or {}).items()), *arguments], loader)
    first_job(parsed)
    try:
        return [tuple(job) for job in BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]]
    except HydraException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def plan(jobs: Sequence[Overrides], load: Load) -> list[Job]:
    """Compose and check every job, and look up which are finished.

    Of jobs that differ in the seed alone the first is checked as a whole, of the others the seed.

    Raises:
        ConfigError: the first mistake, with the overrides of its job.
    """
    seen: set[Overrides] = set()
    homes: dict[Path, Overrides] = {}
    planned: list[Job] = []
    for overrides in jobs:
        try:
            config = load(list(overrides))
            check_value("seed", config.seed, Seed)
            rest = tuple(override for override in overrides if not override.startswith(SEED))
            if rest not in seen:
                seen.add(rest)
                ready(config)
            job = _job(overrides, config)
            planned.append(job)
            if job.folder is not None and homes.setdefault(job.folder, overrides) != overrides:
                _refuse_shared(job.folder, config, load(list(homes[job.folder])))
        except W2SError as error:
            raise ConfigError(f"{error}\nThe job: {' '.join(overrides)}") from error
    return planned


def _refuse_shared(folder: Path, one: DictConfig, other: DictConfig) -> None:
    """Refuse two jobs in one folder, unless they are the same run: only the first would be run."""
    if (one.seed, signature(one)) != (other.seed, signature(other)):
        raise ConfigError(
            f"hydra.sweep.dir and hydra.sweep.subdir give two different jobs one folder: {folder}\n"
            "Leave hydra.sweep.subdir out, or let it hold the seed and what else is swept."
        )


def _job(overrides: Overrides, config: DictConfig) -> Job:
    folder = folder_of_job(config)
    if folder is None or (known := known_results(folder)) is None:
        return Job(overrides=overrides, folder=folder, finished=False, attempt=0)
    return Job(overrides=overrides, folder=folder, finished=is_finished(known, folder, config), attempt=known.attempt)
