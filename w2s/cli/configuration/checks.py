"""Everything that can be known to be wrong with a configuration before anything is loaded."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.allowed_targets import below, find_target
from w2s.cli.configuration.build import build, build_study, study_nodes, study_parts
from w2s.cli.configuration.tree import named, nodes, plain, referred, short, value_at
from w2s.errors import ConfigError, W2SError, require, suggestion
from w2s.utils.ranges import Seed, Workers, argument_types, check_value

NOT_ARGUMENTS = frozenset({"_target_", "_partial_", "_convert_", "_recursive_"})
MISSING = "???"
NODES = ("study", "preparation", "tracker", "store", "report")
"""Root nodes that every command has; all others are reached through them."""
OPTIONAL_NODES = ("learner", "weak_learner", "loss")
"""Root nodes that may be left empty."""
SETTINGS = {
    "seed": Seed,
    "data_seed": Seed,
    "setting": str | None,
    "resume": bool,
    "keep_fitted": bool | None,
    "figures": bool | None,
    "tags": list[str],
    "show_config": bool,
    "dryrun": bool,
    "threads": Workers,
    "labelling_functions": str | None,
    "allow_targets": list[str],
}
"""The root's own values."""
NAMES = ("setting", "tags", "tracker")
"""Root values that are shown to others."""
OF_PLUGINS = ("optuna.samplers",)
"""What the sweepers of Hydra's own family build."""
LOGGING = ("logging", "colorlog")


def ready(config: DictConfig) -> Any:
    """Check every setting, build the study and have its parts check themselves; returns the study.

    Raises:
        W2SError: the first mistake, with its setting as it is written on the command line.
    """
    check_settings(config)
    return built(config)


def built(config: DictConfig, groups: Sequence[str] | None = None) -> Any:
    """Build the study and have its parts check themselves; of these only the ones that stand in `groups`, unless None.

    Raises:
        W2SError: the first mistake, with its setting as it is written on the command line.
    """
    root = plain(config)
    build(config, "store").check()
    study = build_study(config)
    check_kinds(study, root)
    for where, part in study_parts(study):
        if checks_itself(part) and (groups is None or short(where, root).split(".")[0] in groups):
            try:
                part.check()
            except W2SError as error:
                raise named(error, where, root) from error
    return study


def check_settings(config: DictConfig) -> None:
    """Check the root's values and every node that names a `_target_`: it may be built, and the arguments fit it.

    Raises:
        ConfigError: naming the setting as it is written on the command line, with a suggestion.
    """
    root = plain(config)
    for name, annotation in SETTINGS.items():
        check_value(name, root.get(name), annotation)
    _refuse_unknown(root)
    _refuse_secrets(config)
    allowed = tuple(root["allow_targets"])
    used = (*study_nodes(root), "tracker", "store", "report")
    for where, node in nodes({name: value for name, value in root.items() if name not in used}):
        check_node(short(where, root), node, allowed, needs_all=False)
    for where, node in nodes({name: root[name] for name in used if name in root}):
        check_node(short(where, root), node, allowed, needs_all=True)
    if "hydra" in config:
        check_hydra(config, allowed)


def _refuse_unknown(root: Mapping[str, Any]) -> None:
    """Refuse a root value that no part of the package reads, and a plain value where a node of settings belongs."""
    for name, value in root.items():
        if name in NODES and not isinstance(value, Mapping):
            raise ConfigError(
                f"{name}={value}: {name} is a node of settings, not a value. Set one of them: {name}.key=value."
            )
        if name not in SETTINGS and not isinstance(value, Mapping) and (value is not None or name not in OPTIONAL_NODES):
            raise ConfigError(f"{name}={value}: there is no setting '{name}'.{suggestion(name, SETTINGS)}")


def _refuse_secrets(config: DictConfig) -> None:
    """Refuse environment variables in what is written into every result and shown to others."""
    tree = OmegaConf.to_container(config, resolve=False)
    for name in NAMES:
        written = [str(value_at(tree, path)) for path in (name, *referred(config, name))]
        require(
            not any("oc.env" in text for text in written),
            f"{name} holds an environment variable, which would be written into results and shown. Say it in words.",
        )


def check_node(where: str, node: Mapping[str, Any], allowed: Sequence[str], *, needs_all: bool) -> None:
    """Check one node against the signature of its target; `needs_all` also refuses missing values."""
    require("_args_" not in node, f"{where}._args_: arguments are given by name.")
    check_arguments(where, node, find_target(str(node["_target_"]), where, allowed), needs_all=needs_all)


def check_arguments(where: str, node: Mapping[str, Any], target: Any, *, needs_all: bool) -> None:
    """Check the values of a node against names and annotations of its target's arguments."""
    arguments = {str(key): value for key, value in node.items() if key not in NOT_ARGUMENTS}
    parameters = inspect.signature(target).parameters
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for name in arguments:
        if name not in parameters and not open_ended:
            near = suggestion(name, parameters)
            accepted = ", ".join(parameters)
            raise ConfigError(f"{where}.{name}: {target.__name__} takes no '{name}'.{near}\nIt takes: {accepted}.")
    required = () if node.get("_partial_") else _required(parameters)
    for name in (*(name for name, value in arguments.items() if value == MISSING), *required) if needs_all else ():
        if arguments.get(name, MISSING) == MISSING:
            raise ConfigError(f"{where}.{name} is missing: {target.__name__} needs it. Say {where}.{name}=...")
    types = argument_types(target)
    for name, value in arguments.items():
        if name in types and value != MISSING and next(nodes(value), None) is None:
            check_value(f"{where}.{name}", value, types[name])


def _required(parameters: Mapping[str, inspect.Parameter]) -> tuple[str, ...]:
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return tuple(n for n, p in parameters.items() if p.default is p.empty and p.kind not in variable)


def check_hydra(config: DictConfig, allowed: Sequence[str]) -> None:
    """Refuse whatever Hydra would build by itself but its launchers, sweepers and the handlers of its log.

    Raises:
        ConfigError: naming the setting.
    """
    hydra = OmegaConf.to_container(config.hydra, resolve=False)
    for name in ("job.name", "sweep.subdir"):
        require("oc.env" not in str(value_at(hydra, name)), f"hydra.{name} holds an environment variable. Say it in words.")
    for name, kind in (("launcher", Launcher), ("sweeper", Sweeper)):
        node = value_at(hydra, name)
        known = {f"{plugin.__module__}.{plugin.__name__}": plugin for plugin in Plugins.instance().discover(kind)}
        target = str(node.get("_target_") if isinstance(node, Mapping) else node)
        require(target in known, f"hydra.{name}: {target} is no {name} of Hydra's that is installed here.")
        if below(target, ("hydra_plugins.w2s",)):
            written = {key: value for key, value in node.items() if "${" not in str(value)}
            check_arguments(f"hydra.{name}", written, known[target], needs_all=False)
    for where, node in nodes(hydra, "hydra"):
        if where not in ("hydra.launcher", "hydra.sweeper") and not below(str(node["_target_"]), OF_PLUGINS):
            check_node(where, node, allowed, needs_all=False)
    for name in ("job_logging", "hydra_logging"):
        for where, target in _factories(value_at(hydra, name), f"hydra.{name}"):
            require(below(target, (*LOGGING, *allowed)), f"{where}={target}: a log is made of {', '.join(LOGGING)} only.")


def _factories(tree: Any, where: str) -> Iterator[tuple[str, str]]:
    """(path, class or function) of everything that a configuration of logging builds."""
    for key, value in tree.items() if isinstance(tree, Mapping) else ():
        if key in ("class", "()"):
            yield f"{where}.{key}", str(value)
        yield from _factories(value, f"{where}.{key}")


def check_kinds(study: Any, root: Mapping[str, Any]) -> None:
    """Refuse what is no study, and a part that is not what its field is annotated with, where that is a Protocol.

    Raises:
        ConfigError: naming the part and what it lacks.
    """
    from w2s.study import Study

    if not isinstance(study, Study):
        raise ConfigError(f"study: {type(study).__name__} is neither a Study nor an Analysis, since it lacks: run, analyse.")
    for where, part in study_parts(study):
        owner: Any = type(part)
        for name, annotation in argument_types(owner).items() if is_dataclass(part) else ():
            value, kind = getattr(part, name, None), protocol_of(annotation)
            if kind is not None and not isinstance(value, annotation):
                lacking = ", ".join(each for each in dir(kind) if not each.startswith("_") and not hasattr(value, each))
                setting = short(f"{where}.{name}", root)
                raise ConfigError(f"{setting}: {type(value).__name__} is no {kind.__name__}, since it lacks: {lacking}.")


def protocol_of(annotation: Any) -> type | None:
    """The Protocol that objects of this annotation are held against; with `| None` beside it they may be left out."""
    kinds = (
        [kind for kind in get_args(annotation) if kind is not NoneType]
        if isinstance(annotation, UnionType)
        else [annotation]
    )
    return kinds[0] if len(kinds) == 1 and getattr(kinds[0], "_is_runtime_protocol", False) else None


def checks_itself(part: object) -> bool:
    """Whether a part says by itself what stands in its way."""
    return callable(getattr(part, "check", None))
