"""Everything that can be known to be wrong before anything is loaded."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_type_hints

from annotated_types import Ge
from omegaconf import DictConfig

from w2s.cli.places import nodes, short
from w2s.cli.plain import plain
from w2s.cli.study import study_nodes
from w2s.cli.targets import find_target
from w2s.errors import ConfigError, suggestion
from w2s.utils.bounds import Workers

NOT_ARGUMENTS = frozenset({"_target_", "_partial_", "_convert_", "_recursive_", "_args_"})
MISSING = "???"
NODES = ("study", "preparation", "tracker", "store")
"""Root nodes that every command has."""
OPTIONAL_NODES = ("learner", "weak_learner")
"""Root nodes that may be left empty."""
SETTINGS = {
    "seed": int,
    "data_seed": int,
    "setting": str | None,
    "resume": bool,
    "figures": bool | None,
    "keep_fitted": bool | None,
    "tags": list[str],
    "show_config": bool,
    "dryrun": bool,
    "threads": Annotated[Workers, Ge(1)],
    "allow_targets": list[str],
}
"""The root's own values."""


def preflight(config: DictConfig) -> None:
    """Check every node that names a `_target_`: the target exists and may be built, the arguments fit it.

    Raises:
        ConfigError: naming the setting as it is written on the command line, with a suggestion.
    """
    root = plain(config)
    for name, annotation in SETTINGS.items():
        check_type(name, root.get(name), annotation)
    refuse_strangers(root)
    allowed = tuple(root.get("allow_targets") or ())
    used = (*study_nodes(root), "tracker", "store")
    for where, node in nodes({name: value for name, value in root.items() if name not in used}):
        check_node(short(where, root), node, allowed, needs_all=False)
    for where, node in nodes({name: root[name] for name in used if name in root}):
        check_node(short(where, root), node, allowed, needs_all=True)


def refuse_strangers(root: Mapping[str, Any]) -> None:
    """Refuse a root value that no part of the package reads, and a plain value where a node of settings belongs.

    Raises:
        ConfigError: naming the nearest setting.
    """
    for name, value in root.items():
        if name in NODES and not isinstance(value, Mapping):
            raise ConfigError(
                f"{name}={value}: {name} is a node of settings, not a value. Set one of them: {name}.key=value."
            )
        if name not in SETTINGS and not isinstance(value, Mapping) and (value is not None or name not in OPTIONAL_NODES):
            raise ConfigError(f"{name}={value}: there is no setting '{name}'.{suggestion(name, SETTINGS)}")


def check_node(where: str, node: Mapping[str, Any], allowed: Sequence[str], *, needs_all: bool) -> None:
    """Check one node against the signature of its target; `needs_all` also refuses missing values."""
    target = find_target(str(node["_target_"]), where, allowed)
    arguments = {str(key): value for key, value in node.items() if key not in NOT_ARGUMENTS}
    parameters = inspect.signature(target).parameters
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for name in arguments:
        if name not in parameters and not open_ended:
            accepted = ", ".join(parameters)
            raise ConfigError(
                f"{where}.{name}: {target.__name__} takes no '{name}'.{suggestion(name, parameters)}\nIt takes: {accepted}."
            )
    if needs_all:
        partial = bool(node.get("_partial_"))
        _refuse_missing(where, target, arguments, required=() if partial else required_of(parameters))
    hints = type_hints(target)
    for name, value in arguments.items():
        if name in hints and not holds_targets(value) and value != MISSING:
            check_type(f"{where}.{name}", value, hints[name])


def required_of(parameters: Mapping[str, inspect.Parameter]) -> tuple[str, ...]:
    """Names of the parameters without a default."""
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return tuple(n for n, p in parameters.items() if p.default is p.empty and p.kind not in variable)


def _refuse_missing(where: str, target: Callable[..., Any], arguments: Mapping[str, Any], required: Sequence[str]) -> None:
    for name in (*(name for name, value in arguments.items() if value == MISSING), *required):
        if arguments.get(name, MISSING) == MISSING:
            raise ConfigError(f"{where}.{name} is missing: {target.__name__} needs it. Say {where}.{name}=...")


def type_hints(target: Callable[..., Any]) -> dict[str, Any]:
    """Annotations of the target's arguments, those that can be resolved."""
    sources = [target, target.__init__] if inspect.isclass(target) else [target]  # a dataclass inherits annotated fields
    found: dict[str, Any] = {}
    for source in sources:
        with contextlib.suppress(NameError):
            found = get_type_hints(source, include_extras=True) | found
    return found


def holds_targets(value: Any) -> bool:
    """Whether the value is, or contains, a node that will be built into an object."""
    return next(nodes(value), None) is not None


def check_type(where: str, value: Any, annotation: Any) -> None:
    """Refuse a plain value that the annotation does not admit.

    Raises:
        ConfigError: what was given, what is accepted.
    """
    from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, float) and not math.isfinite(number):
            raise ConfigError(f"{where}={value}: it should be a finite number.")
    try:
        try:
            adapter = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
        except PydanticUserError:  # a dataclass or model brings its own configuration
            adapter = TypeAdapter(annotation)
        adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        near = (
            suggestion(value, first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
            if (first["type"] == "literal_error" and isinstance(value, str))
            else ""
        )
        raise ConfigError(f"{where}={value}: {first['msg'].replace('Input should', 'it should')}.{near}") from error
