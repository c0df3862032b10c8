"""Where a setting or a part stands: its path, as it is written on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from w2s.errors import W2SError

SETTING = re.compile(r"\w+(?==)")
"""The argument's name with which a constructor's message begins: `threshold=17: ...`."""


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


def short(where: str, root: Mapping[str, Any]) -> str:
    """The path under which a value is set: `study.preparation.dataset.limit` is `dataset.limit` where these are the same."""
    keys = where.split(".")
    for k in range(len(keys) - 1, 0, -1):
        inside = isinstance(_at(root, keys[k:-1]), Mapping)  # an optional group may be empty
        if keys[k] in root and inside and repr(_at(root, keys[k:])) == repr(_at(root, keys)):  # NaN is not equal to itself
            return ".".join(keys[k:])
    return where


def _at(root: Mapping[str, Any], keys: Sequence[str]) -> Any:
    value: Any = root
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def named(error: W2SError, where: str, root: Mapping[str, Any]) -> W2SError:
    """The error of the part at `where`, with the whole path of the setting that its message begins with.

    A function may build more parts than its node names: what these say belongs to the nearest node above them. A message
    that begins with another of the root's choices, such as `detector=oracle`, is whole already.
    """
    message = str(error)
    setting = SETTING.match(message)
    if setting is None or not where:
        return error
    keys = where.split(".")
    above = (keys[:k] for k in range(len(keys), 0, -1))
    node = next((place for place in above if isinstance(_at(root, place), Mapping)), keys)
    if setting[0] in root and setting[0] not in (_at(root, node) or ()):
        return error
    return type(error)(short(".".join((*node, setting[0])), root) + message[setting.end() :])
