"""The command line, checked before Hydra sees it.

Hydra names an unknown key but suggests nothing, and advises `+key=`, which no class would take; here a typo gets the
nearest name.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra import compose
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException
from hydra.version import setbase
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from w2s.cli.keys import check_key, is_choice
from w2s.cli.output import check_output
from w2s.cli.paths import conf_folder
from w2s.cli.readiness import ready
from w2s.cli.shared_choices import FOLDERS_ONLY, SHARED, offer_shared_choices
from w2s.errors import ConfigError, require, suggestion

OPTIONAL = ("learner", "weak_learner", "experiment", "debug")
"""Groups that need no choice."""
MOST_JOBS = 100_000
"""Jobs of a sweep that is still meant: each is composed and checked before the first starts."""
HYDRA_PREFIXES = ("hydra", "hydra/")


def check_command(overrides: Sequence[str], *, multirun: bool, config_dir: str | None = None, name: str = "config") -> None:
    """Compose and check the command; of a sweep only its choices and keys, for the sweeper then checks every job.

    Raises:
        ConfigError: the first mistake, as it is written on the command line.
    """
    with composer(config_dir):
        parsed = parse(overrides)
        check_choices(parsed)
        multirun = multirun or "hydra.mode=MULTIRUN" in overrides
        if multirun:
            check_output(compose_checked(first_job(parsed), name), multirun=True)
            return
        refuse_sweep(parsed)
        config = compose_checked(overrides, name)
        check_output(config, multirun=False)
        ready(config)


@contextlib.contextmanager
def composer(config_dir: str | None = None) -> Iterator[None]:
    """Hydra's compose API over our configuration, and a person's own `--config-dir` behind it."""
    setbase("1.3")
    search_path = create_config_search_path(str(conf_folder()))
    folder = None if config_dir is None else Path(config_dir).absolute()
    offer_shared_choices(folder)
    if folder is not None:
        require(folder.is_dir(), f"--config-dir {config_dir}: there is no such folder.")
        search_path.prepend("command-line", f"file://{folder}", anchor=SearchPathQuery(provider="schema"))
    GlobalHydra.instance().clear()
    Hydra.create_main_hydra2(task_name="main", config_search_path=search_path)
    try:
        yield
    finally:
        GlobalHydra.instance().clear()


def parse(overrides: Sequence[str]) -> list[Override]:
    """The overrides, parsed.

    Raises:
        ConfigError: one is not of the form key=value.
    """
    parser = OverridesParser.create(GlobalHydra.instance().config_loader())
    parsed = []
    for override in overrides:
        try:
            parsed += parser.parse_overrides([override])
        except HydraException as error:
            raise ConfigError(
                f"{override}: this cannot be read. An override is written key=value, without spaces around the sign.\n"
                "A text with spaces or brackets takes quotes inside quotes: 'key=\"a text\"'."
            ) from error
    return parsed


def refuse_sweep(overrides: Sequence[Override]) -> None:
    """Refuse several values in a single run.

    Raises:
        ConfigError: naming the option that makes it a sweep.
    """
    for override in overrides:
        if override.is_sweep_override():
            raise ConfigError(f"{override.input_line}: several values make a sweep. Add -m: python -m w2s.main -m ...")


def check_choices(overrides: Sequence[Override]) -> None:
    """Refuse a choice that its group does not have, and to do without what every run has.

    Raises:
        ConfigError: naming the group's choices and the nearest one.
    """
    loader = GlobalHydra.instance().config_loader()
    for override in overrides:
        group = override.key_or_group
        if override.is_delete() and "." not in group and group not in OPTIONAL and not group.startswith(HYDRA_PREFIXES):
            raise ConfigError(f"{override.input_line}: no run goes without it. Choose another instead: {group}=...")
        if group in FOLDERS_ONLY:
            offered = " or ".join(f"{user}={override.value()}" for user, folder in SHARED.items() if folder == group)
            raise ConfigError(f"{override.input_line}: a {group} is chosen for a role. Say {offered}.")
        options = loader.get_group_options(group)
        if group.startswith(HYDRA_PREFIXES) or not options:
            continue
        for choice in values(override):
            if override.is_add() or override.is_delete():
                continue
            if choice is None and group in OPTIONAL:
                raise ConfigError(f"{group}=null: that is so unless a {group} is chosen. Leave it out, or say ~{group}.")
            if not isinstance(choice, str):
                raise ConfigError(f"{group}={choice}: a {group} has to be chosen: {', '.join(options)}.")
            if choice not in options and choice != "null":
                near = suggestion(choice, options)
                raise ConfigError(f"{group}={choice}: no such {group}.{near}\nChoose one of: {', '.join(options)}.")


def values(override: Override) -> list[Any]:
    """The value of an override, or all values it sweeps over; of a continuous range, its ends."""
    if override.is_discrete_sweep():
        return list(override.sweep_string_iterator())
    value = override.value()
    return [value.start, value.end] if isinstance(value, IntervalSweep) else [value]


def length(override: Override) -> int:
    """How many values an override sweeps over; a range is not written out, and a continuous one is an optimiser's."""
    value = override.value()
    if isinstance(value, IntervalSweep):
        return 1
    if isinstance(value, RangeSweep):
        assert value.start is not None and value.stop is not None, "Hydra's parser gives a range both ends"  # noqa: PT018
        return max(0, math.ceil((value.stop - value.start) / value.step))
    return len(values(override))


def first_job(overrides: Sequence[Override]) -> list[str]:
    """The override list of the sweep's first job.

    Raises:
        ConfigError: an override sweeps over nothing, or all together make more than `MOST_JOBS`.
    """
    jobs = 1
    for override in overrides:
        if override.is_sweep_override():
            count = length(override)
            jobs *= count
            require(count > 0, f"{override.input_line}: this sweeps over nothing.")
            require(jobs <= MOST_JOBS, f"{override.input_line}: {jobs:,} jobs; a sweep is of at most {MOST_JOBS:,}.")
    return [
        f"{override.get_key_element()}={values(override)[0]}" if override.is_sweep_override() else override.input_line or ""
        for override in overrides
    ]


def compose_checked(job: Sequence[str], name: str) -> DictConfig:
    """The job's configuration.

    Raises:
        ConfigError: a key that does not exist, or another mistake that Hydra found.
    """
    try:
        return compose(name, overrides=list(job), return_hydra_config=True)
    except (HydraException, OmegaConfBaseException) as error:
        with contextlib.suppress(HydraException, OmegaConfBaseException):
            base = compose(name, overrides=[choice for choice in job if is_choice(choice)], return_hydra_config=True)
            for override in parse(job):
                check_key(override, base)
        message = str(error).splitlines()[0]
        if message.startswith("Could not append"):
            message += "\nLeave the + out."
        if "Could not find 'hydra/" in message:
            message += "\nThe Hydra plugin that brings it is missing: install the extra that the choice's file names."
        raise ConfigError(message) from error
