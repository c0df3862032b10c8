"""Finding what a `_target_` names, within what may be named."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from w2s.errors import ConfigError, suggestion

ALLOWED = ("w2s",)
"""Packages whose classes and functions a config may name; `allow_targets` adds a person's own."""


def find_target(name: str, where: str, allowed: Sequence[str] = ()) -> Callable[..., Any]:
    """The class or function that the dotted `name` at config path `where` stands for.

    Raises:
        ConfigError: the package is not allowed, or the name stands for nothing.
    """
    packages = (*ALLOWED, *allowed)
    if not any(name == package or name.startswith(f"{package}.") for package in packages):
        raise ConfigError(
            f"{where}._target_={name}: only targets in {', '.join(packages)} are built.\n"
            f"If it is your own package, say allow_targets=[{name.split('.')[0]}]."
        )
    module, attributes = _deepest_module(name, where)
    found: Any = module
    for attribute in attributes:
        if not hasattr(found, attribute):
            near = suggestion(attribute, [public for public in dir(found) if not public.startswith("_")])
            raise ConfigError(f"{where}._target_={name}: {found.__name__} has no '{attribute}'.{near}")
        found = getattr(found, attribute)
    if not callable(found):
        raise ConfigError(f"{where}._target_={name}: this is no class or function.")
    return found  # type: ignore[no-any-return]


def _deepest_module(name: str, where: str) -> tuple[Any, list[str]]:
    parts = name.split(".")
    for k in range(len(parts) - 1, 0, -1):
        path = ".".join(parts[:k])
        try:
            return importlib.import_module(path), parts[k:]
        except ModuleNotFoundError as error:
            if error.name is None or not (path == error.name or path.startswith(f"{error.name}.")):
                raise ConfigError(
                    f"{where}._target_={name}: it needs the package '{error.name}', which is not installed."
                ) from error
    raise ConfigError(f"{where}._target_={name}: there is no package '{parts[0]}'.")
