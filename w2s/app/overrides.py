"""The command line, checked job by job before the first job starts.

Hydra names an unknown key but suggests nothing, and advises `+key=`, which no class would take; here a typo gets the
nearest name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from w2s.app.build import build
from w2s.app.paths import conf_folder
from w2s.app.preflight import check_parts, preflight
from w2s.errors import ConfigError, W2SError, suggestion

HYDRA_PREFIXES = ("hydra", "hydra/")


def check_command(overrides: Sequence[str], *, multirun: bool, config_dir: str | None = None, name: str = "config") -> None:
    """Compose and check every job of the command; jobs that differ in the seed alone are checked once.

    Raises:
        ConfigError: the first mistake, as it is written on the command line.
    """
    with composer(config_dir):
        parsed = parse(overrides)
        check_choices(parsed)
        for job in jobs(parsed, multirun=multirun):
            try:
                config = compose_checked(job, name)
                preflight(config)
                check_parts(build(config.study))
            except W2SError as error:
                changed = sorted(set(job) - set(overrides))
                raise ConfigError(f"{error}\nThe job: {' '.join(changed)}" if changed else str(error)) from error


@contextlib.contextmanager
def composer(config_dir: str | None = None) -> Iterator[None]:
    """Hydra's compose API over our configuration, and a person's own `--config-dir` behind it."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(version_base="1.3", config_dir=str(conf_folder()), job_name="main"):
        if config_dir is not None:
            path = GlobalHydra.instance().config_loader().get_search_path()
            path.append("command-line", f"file://{config_dir}")
        yield
    GlobalHydra.instance().clear()


def parse(overrides: Sequence[str]) -> list[Override]:
    """The overrides, parsed.

    Raises:
        ConfigError: one is not of the form key=value.
    """
    try:
        return OverridesParser.create(GlobalHydra.instance().config_loader()).parse_overrides(list(overrides))
    except HydraException as error:
        raise ConfigError(f"{str(error).splitlines()[0]}\nAn override is written key=value.") from error


def check_choices(overrides: Sequence[Override]) -> None:
    """Refuse a choice that its group does not have.

    Raises:
        ConfigError: naming the group's choices and the nearest one.
    """
    loader = GlobalHydra.instance().config_loader()
    for override in overrides:
        group = override.key_or_group
        options = loader.get_group_options(group)
        if group.startswith(HYDRA_PREFIXES) or not options:
            continue
        for choice in values(override):
            if isinstance(choice, str) and choice not in options and choice != "null":
                near = suggestion(choice, options)
                raise ConfigError(f"{group}={choice}: no such {group}.{near}\nChoose one of: {', '.join(options)}.")


def values(override: Override) -> list[Any]:
    """The value of an override, or all values it sweeps over."""
    if override.is_sweep_override():
        return list(override.sweep_string_iterator())
    return [override.value()]


def jobs(overrides: Sequence[Override], *, multirun: bool) -> list[list[str]]:
    """The override lists of all jobs, those that differ in the seed alone only once."""
    if not multirun:
        return [[override.input_line or "" for override in overrides]]
    kept = [override for override in overrides if not (override.key_or_group == "seed" and override.is_sweep_override())]
    seeds = [override for override in overrides if override not in kept]
    checked = [f"seed={value}" for override in seeds for value in values(override) if not str(value).isdigit()]
    every = [job for batch in BasicSweeper.split_arguments(list(kept), max_batch_size=None) for job in batch]
    return [[*job, *checked[:1]] for job in every or [[]]]


def compose_checked(job: Sequence[str], name: str) -> DictConfig:
    """The job's configuration.

    Raises:
        ConfigError: a key that does not exist, or another mistake that Hydra found.
    """
    try:
        return compose(name, overrides=list(job), return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        with contextlib.suppress(HydraException, OmegaConfBaseException):
            base = compose(name, overrides=[override for override in job if is_choice(override)])
            for override in parse(job):
                check_key(override, base)
        raise ConfigError(str(error).splitlines()[0]) from error


def is_choice(override: str) -> bool:
    """Whether an override picks from a config group."""
    group = override.lstrip("+~").split("=")[0].split("@")[0]
    return bool(GlobalHydra.instance().config_loader().get_group_options(group))


def check_key(override: Override, config: DictConfig) -> None:
    """Refuse a key that the composed configuration does not have.

    Raises:
        ConfigError: naming the nearest key at that place.
    """
    key = override.key_or_group
    if key.startswith(HYDRA_PREFIXES) or override.is_add() or is_choice(override.input_line or key):
        return
    node: Any = config
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, DictConfig):
            raise ConfigError(f"{key}: '{'.'.join(parts[:depth])}' is a value, not a group of settings.")
        if part not in node:
            known = [str(name) for name in node if not str(name).startswith("_")]
            where = ".".join(parts[:depth])
            inside = f"{where} has no setting '{part}'" if where else f"there is no setting or group '{part}'"
            raise ConfigError(f"{key}: {inside}.{suggestion(part, known)}\nIt has: {', '.join(known)}.")
        node = node._get_node(part)
