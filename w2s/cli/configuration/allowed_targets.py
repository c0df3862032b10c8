"""What a `_target_` may name: config choices of the package, and whatever lies in packages that are allowed besides."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from types import ModuleType
from typing import Any

from w2s.cli.configuration.paths import conf_folder
from w2s.errors import ConfigError, require, suggestion
from w2s.identity import IDENTITY

OWN = "w2s"
TARGET = re.compile(r"_target_: *([\w.]+)")


def find_target(name: str, where: str, allowed: Sequence[str] = ()) -> Callable[..., Any]:
    """The class or function that the dotted `name` at config path `where` stands for.

    Of the package itself, only public config choices are built: dataclasses, what has an `identity`, and what our own
    configuration files name. Nothing is built that merely happens to be imported where it is looked for.

    Raises:
        ConfigError: the name is not allowed, or stands for nothing.
    """
    given = f"{where}._target_={name}"
    packages = (OWN, *allowed)
    if not below(name, packages):
        raise ConfigError(
            f"{given}: only targets in {', '.join(packages)} are built.\n"
            f"If it is your own package, say allow_targets=[{name.split('.')[0]}]."
        )
    module, attributes = _deepest_module(name, given)
    found: Any = module
    for attribute in attributes:
        if not hasattr(found, attribute):
            near = suggestion(attribute, [public for public in dir(found) if not public.startswith("_")])
            raise ConfigError(f"{given}: {found.__name__} has no '{attribute}'.{near}")
        found = getattr(found, attribute)
        require(not isinstance(found, ModuleType), f"{given}: a module's import is no target of its own.")
    require(callable(found) and not isinstance(found, ModuleType), f"{given}: this is no class or function.")
    _refuse_foreign(found, name, given, packages)
    return found  # type: ignore[no-any-return]


def _refuse_foreign(found: Any, name: str, given: str, packages: Sequence[str]) -> None:
    defined = str(getattr(found, "__module__", ""))
    require(
        below(defined, packages) and not any(part.startswith("_") for part in name.split(".")),
        f"{given}: only public classes and functions that are defined in {', '.join(packages)} are built.",
    )
    choice = is_dataclass(found) or hasattr(found, IDENTITY) or name in configured()
    require(choice or not below(defined, [OWN]), f"{given}: this is no config choice.")


def below(name: str, packages: Sequence[str]) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@functools.cache
def configured() -> frozenset[str]:
    """All targets that our own configuration files name."""
    files = conf_folder().rglob("*.yaml")
    return frozenset(name for file in files for name in TARGET.findall(file.read_text(encoding="utf-8")))


def _deepest_module(name: str, given: str) -> tuple[Any, list[str]]:
    parts = name.split(".")
    for k in range(len(parts) - 1, 0, -1):
        path = ".".join(parts[:k])
        try:
            return importlib.import_module(path), parts[k:]
        except ModuleNotFoundError as error:
            if error.name is None or not (path == error.name or path.startswith(f"{error.name}.")):
                raise ConfigError(f"{given}: it needs the package '{error.name}', which is not installed.") from error
    raise ConfigError(f"{given}: there is no package '{parts[0]}'.")
