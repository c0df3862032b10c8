"""The jobs of a sweep: checked, and compared with what is finished, before the first starts."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.cli.job import finished_already
from w2s.cli.keys import check_key, is_choice
from w2s.cli.readiness import ready
from w2s.cli.signature import signature
from w2s.errors import ConfigError, W2SError
from w2s.results.files import ended_run
from w2s.seeding import check_seed

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
    """Attempts that had ended there when the sweep began."""


def expand(arguments: Sequence[str], params: Mapping[str, Any] | None = None) -> list[Overrides]:
    """The overrides of all jobs: the command's over the experiment's own sweep (`hydra.sweeper.params`).

    Raises:
        ConfigError: a continuous range, which only an optimiser can sweep.
    """
    whole = [*(f"{key}={value}" for key, value in (params or {}).items()), *arguments]
    try:
        parsed = parser().parse_overrides(whole)
        return [tuple(job) for job in BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]]
    except HydraException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def parser() -> OverridesParser:
    """Hydra's parser, which knows the choices of a group where one is swept as `glob(...)`."""
    hydra = GlobalHydra.instance()
    return OverridesParser.create(hydra.config_loader() if hydra.is_initialized() else None)


def plan(jobs: Sequence[Overrides], load: Load) -> list[Job]:
    """Compose and check every job, and look up which are finished.

    Of jobs that differ in the seed alone the first is checked as a whole, of the others the seed.

    Raises:
        ConfigError: the first mistake, with the overrides of its job.
    """
    compositions = Compositions(load)
    seen: set[Overrides] = set()
    homes: dict[Path, Overrides] = {}
    planned: list[Job] = []
    for overrides in jobs:
        try:
            config = compositions(overrides)
            check_seed("seed", config.seed)
            rest = tuple(override for override in overrides if not override.startswith(SEED))
            if rest not in seen:
                seen.add(rest)
                ready(config)
            job = _job(overrides, config)
            planned.append(job)
            if job.folder is not None and homes.setdefault(job.folder, overrides) != overrides:
                refuse_shared(job.folder, config, compositions(homes[job.folder]))
        except W2SError as error:
            raise ConfigError(f"{error}\nThe job: {' '.join(overrides)}") from error
    return planned


def refuse_shared(folder: Path, one: DictConfig, other: DictConfig) -> None:
    """Refuse two jobs in one folder, unless they are the same run: only the first would be run.

    Raises:
        ConfigError: naming the folder.
    """
    if (one.seed, signature(one)) != (other.seed, signature(other)):
        raise ConfigError(
            f"hydra.sweep.dir and hydra.sweep.subdir give two different jobs one folder: {folder}\n"
            "Leave hydra.sweep.subdir out, or let it hold the seed and what else is swept."
        )


def _job(overrides: Overrides, config: DictConfig) -> Job:
    folder = folder_of(config)
    known = None if folder is None else ended_run(folder)
    finished = known is not None and known.ok
    if folder is not None and finished and not config.resume:
        raise ConfigError(finished_already(folder))
    return Job(
        overrides=overrides,
        folder=folder,
        finished=finished,
        attempt=0 if known is None else known.attempt,
    )


def folder_of(config: DictConfig) -> Path | None:
    """The run folder of a job; None where it depends on what only the job knows."""
    try:
        places = [OmegaConf.select(config, f"hydra.sweep.{key}", throw_on_missing=True) for key in ("dir", "subdir")]
    except OmegaConfBaseException:
        return None
    return Path(*map(str, places)).absolute()


class Compositions:
    """Configurations of many jobs, quickly: each combination of choices is composed once, values are set on copies."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._is_choice = functools.cache(is_choice)
        self._parse = functools.cache(lambda override: parser().parse_override(override))
        self._bases: dict[Overrides, DictConfig] = {}

    def __call__(self, overrides: Overrides) -> DictConfig:
        """The configuration of the job with these overrides.

        Raises:
            ConfigError: a choice or a value that does not fit.
        """
        choices = tuple(override for override in overrides if self._is_choice(override))
        values: list[Override] = [self._parse(override) for override in overrides if override not in choices]
        try:
            if choices not in self._bases:
                self._bases[choices] = self._load(list(choices))
            config = copy.deepcopy(self._bases[choices])
            ConfigLoaderImpl._apply_overrides_to_config(values, config)
        except (HydraException, OmegaConfBaseException) as error:
            for override in values if choices in self._bases else ():
                check_key(override, self._bases[choices])
            raise ConfigError(str(error).splitlines()[0]) from error
        config.hydra.overrides.task = list(overrides)
        config.hydra.job.override_dirname = "???"
        return config
