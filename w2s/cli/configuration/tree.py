"""The configuration as plain values, what is built from it, and where each part stands: its path on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.errors import ConfigError, W2SError

if TYPE_CHECKING:
    from rich.tree import Tree

SETTING = re.compile(r"\w+(?==)")
"""The argument's name with which a constructor's message begins: `threshold=17: ...`."""
REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")
"""An interpolation of another node, by its dotted path."""


def without_hydra(config: DictConfig) -> DictConfig:
    """A copy of the configuration that can be changed, without Hydra's own node."""
    copy = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    OmegaConf.set_readonly(copy, value=False)
    OmegaConf.set_struct(copy, value=False)
    return copy


def plain(config: DictConfig) -> dict[str, Any]:
    """The resolved configuration without Hydra's own node; what is missing stays `???`.

    Raises:
        ConfigError: an interpolation leads nowhere.
    """
    try:
        whole = OmegaConf.to_container(without_hydra(config), resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key or 'config'}: {str(error).splitlines()[0]}") from error
    assert isinstance(whole, dict), "the root of a configuration is a mapping"
    return {str(key): value for key, value in whole.items()}


def nodes(tree: Any, where: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, node) of every node with a `_target_`, depth first."""
    if isinstance(tree, Mapping) and "_target_" in tree:
        yield where, tree
    for name, value in _inside(tree, where):
        yield from nodes(value, name)


def parts(built: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """(path, object) of a built object and of everything that it is made of, depth first."""
    yield where, built
    if is_dataclass(built) and not isinstance(built, type):
        built = {field.name: getattr(built, field.name) for field in fields(built)}
    for name, value in _inside(built, where):
        yield from parts(value, name)


def _inside(tree: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        yield from ((f"{where}.{key}" if where else str(key), value) for key, value in tree.items())
    elif isinstance(tree, Sequence) and not isinstance(tree, str | bytes):
        yield from ((f"{where}[{k}]", value) for k, value in enumerate(tree))


def value_at(tree: Any, path: str) -> Any:
    """The value at a dotted path; on the way there, whatever is no mapping; None where there is nothing."""
    for key in path.split("."):
        if not isinstance(tree, Mapping):
            return tree
        tree = tree.get(key)
    return tree


def referred(config: DictConfig, start: str) -> set[str]:
    """Paths of the nodes that the node `start` refers to as `${path}`, also by way of other nodes."""
    tree = OmegaConf.to_container(without_hydra(config), resolve=False)
    found: set[str] = set()
    waiting = [start]
    while waiting:
        paths = set(REFERENCE.findall(str(value_at(tree, waiting.pop())))) - found
        found |= paths
        waiting += paths
    return found


def short(where: str, root: Mapping[str, Any]) -> str:
    """The path under which a value is set: `preparation.dataset.limit` is `dataset.limit` where these are the same."""
    keys = where.split(".")
    for k in range(len(keys) - 1, 0, -1):
        tail, group = ".".join(keys[k:]), ".".join(keys[k:-1])
        inside = not group or isinstance(value_at(root, group), Mapping)  # an optional group may be empty
        same = repr(value_at(root, tail)) == repr(value_at(root, where))  # as text, since NaN is not equal to itself
        if keys[k] in root and inside and same:
            return tail
    return where


def named(error: W2SError, where: str, root: Mapping[str, Any]) -> W2SError:
    """The error of the part at `where`, with the whole path of the setting that its message begins with.

    A function may build more parts than its node names: what these say belongs to the nearest node above them. A message
    that begins with another of the root's choices, such as `detector=oracle`, is whole already.
    """
    message = str(error)
    setting = SETTING.match(message)
    if setting is None or not where:
        return type(error)(message)  # another one: an error that is its own cause would lose the one it has
    keys = where.split(".")
    above = [".".join(keys[:k]) for k in range(len(keys), 0, -1)]
    node = next((place for place in above if isinstance(value_at(root, place), Mapping)), where)
    if setting[0] in root and setting[0] not in (value_at(root, node) or ()):
        return type(error)(message)
    return type(error)(short(f"{node}.{setting[0]}", root) + message[setting.end() :])


def shown(values: Mapping[str, Any], choices: Mapping[str, str], used: Sequence[str]) -> Tree:
    """The configuration as a person reads it: the root's own settings, and the nodes that are `used` with their choices."""
    from rich.tree import Tree

    tree = Tree("configuration", guide_style="dim")
    for name, value in values.items():
        if name in used or not isinstance(value, Mapping):
            _grow(tree, name, value, choices)
    return tree


def _grow(tree: Tree, name: str, value: Any, choices: Mapping[str, str]) -> None:
    from rich.markup import escape

    choice = f" = [green]{escape(str(choices[name]))}[/green]" if choices.get(name) else ""
    if isinstance(value, Mapping) and value:
        branch = tree.add(f"[bold]{escape(name)}[/bold]{choice}")
        for key, inner in value.items():
            _grow(branch, str(key), inner, choices)
    else:
        tree.add(f"{escape(name)}: {escape(str(value))}")
