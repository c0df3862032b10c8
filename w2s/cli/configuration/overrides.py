"""Overrides of the command line: what they say, and what a person meant by a misspelt one.

Hydra names an unknown key but suggests nothing, and advises `+key=`, which no class would take.
"""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, OverrideType, RangeSweep
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.shared_choices import FOLDERS_ONLY, SHARED
from w2s.cli.configuration.spelling import check_choice, unknown
from w2s.errors import ConfigError, require

OPTIONAL = ("learner", "weak_learner", "loss", "experiment", "debug")
"""Groups that need no choice."""
MOST_JOBS = 100_000
"""Jobs of a sweep that is still meant: each is composed and checked before the first starts."""
HYDRA = ("hydra", "hydra/")
REPLACED = {"strong_model.learner.": "learner", "weak_model.learner.": "weak_learner"}
"""Settings that have no effect where the group is chosen."""


def parse(overrides: Sequence[str], loader: ConfigLoader) -> list[Override]:
    """The overrides, parsed; `loader` knows the choices of a group where one is swept as `glob(...)`.

    Raises:
        ConfigError: one is not of the form key=value.
    """
    parser = OverridesParser.create(loader)
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


def check_choices(overrides: Sequence[Override], loader: ConfigLoader) -> None:
    """Refuse a choice that its group does not have, and to do without what every run has.

    Raises:
        ConfigError: naming the group's choices and the nearest one.
    """
    for override in overrides:
        group = override.key_or_group
        require(group != "hydra", f"{override.input_line}: hydra is a node of settings. Set one of them: hydra.key=value.")
        if group == "hydra.searchpath" and "://" in str(override.value()):
            raise ConfigError(f"{override.input_line}: only folders are read. Yours: --config-dir FOLDER.")
        if override.is_delete() and "." not in group and group not in OPTIONAL and not group.startswith(HYDRA):
            raise ConfigError(f"{override.input_line}: no run goes without it. Choose another instead: {group}=...")
        if group in FOLDERS_ONLY:
            offered = " or ".join(f"{user}={override.value()}" for user, folder in SHARED.items() if folder == group)
            raise ConfigError(f"{override.input_line}: a {group} is chosen for a role. Say {offered}.")
        options = loader.get_group_options(group)
        if not options or override.is_add() or override.is_delete():
            continue
        for choice in values(override):
            if choice is None and group in OPTIONAL:
                raise ConfigError(f"{group}=null: that is so unless a {group} is chosen. Leave it out, or say ~{group}.")
            if not isinstance(choice, str):
                raise ConfigError(f"{group}={choice}: a {group} has to be chosen: {', '.join(options)}.")
            if not group.startswith(HYDRA):
                check_choice(group, choice, options)


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
        require(value.step != 0, f"{override.input_line}: the step of a range is not 0.")
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


def placed(override: Override, config: DictConfig, loader: ConfigLoader) -> Override:
    """The override of a value, ready to be applied to `config`: one that its class takes but the file leaves out is added.

    Raises:
        ConfigError: there is no such key; with the nearest one at its place.
    """
    if override.is_add() or override.is_force_add():
        return override
    key = override.key_or_group
    for inside, group in REPLACED.items():
        if key.startswith(inside) and config.get(group) is not None:
            own = key.removeprefix(inside)
            raise ConfigError(f"{key}: the chosen {group} takes its place. Set {group}.{own}, or leave {group}= out.")
    *groups, last = key.split(".")
    node: Any = config
    for depth, part in enumerate(groups):
        _refuse_unknown(key, part, ".".join(groups[:depth]), node)
        node = None if OmegaConf.is_missing(node, part) else node[part]
        where = ".".join(groups[: depth + 1])
        if not isinstance(node, DictConfig) and loader.get_group_options(where):
            raise ConfigError(f"{key}: no {where} is chosen, so it has no settings. Choose one, too: {where}=...")
        require(isinstance(node, DictConfig), f"{key}: '{where}' is a value, not a group of settings.")
    taken = arguments_of(node, config) if last not in names(node) else ()
    if last in taken and not override.is_delete():
        return replace(override, type=OverrideType.FORCE_ADD)
    _refuse_unknown(key, last, ".".join(groups), node, taken)
    return override


def names(node: DictConfig) -> list[str]:
    """The keys of a node, those without a value included."""
    return [str(key) for key in node]


def _refuse_unknown(key: str, part: str, where: str, node: DictConfig, taken: Iterable[str] = ()) -> None:
    if part in names(node):
        return
    raise ConfigError(f"{key}: {unknown(part, where, [*names(node), *taken])}")


def arguments_of(node: DictConfig, config: DictConfig) -> Collection[str]:
    """What the class or function of a node takes from its file; nothing where it names none that can be found."""
    if node.get("_partial_"):  # what the program adds is not for the command line
        return ()
    with contextlib.suppress(ConfigError):
        target = find_target(str(node.get("_target_")), "", list(config.get("allow_targets") or ()))
        return inspect.signature(target).parameters
    return ()
