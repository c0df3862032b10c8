"""Misspelt choices and keys, found in the configuration's files alone, before Hydra is loaded: a typo is answered at once.

Only what is certain is said here. A command that could mean more than it seems to is left to the composed configuration.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.paths import conf_folder
from w2s.cli.configuration.shared_choices import SHARED
from w2s.errors import ConfigError, require, suggestion

CHOICE = re.compile(r"([a-z_]+)=([\w,-]+)")
KEY = re.compile(r"([a-z_]+)\.(\w+)=.*")
WORD = re.compile(r"([a-z_]+)[.=]")
MULTIRUN = ("-m", "--multirun")


def check_spelling(arguments: Sequence[str]) -> None:
    """Refuse choices that are in no file, and keys that neither the file of a choice nor its class knows.

    Raises:
        ConfigError: naming the nearest.
    """
    arguments = [argument for argument in arguments if argument not in MULTIRUN]
    if any(argument.startswith("-") for argument in arguments):
        return  # other folders may be looked into
    for word in (found[1] for argument in arguments if (found := WORD.match(argument))):
        known = [*(name for name in read("config") if name != "defaults"), *groups()]
        require(word in known, f"{word}: {unknown(word, '', known)}")
    chosen: dict[str, str] = {}
    for group, words in (found.groups() for argument in arguments if (found := CHOICE.fullmatch(argument))):
        options = choices(group)
        for choice in words.split(",") if options else ():
            chosen[group] = choice
            check_choice(group, choice, options)
    for group, key in (found.groups() for argument in arguments if (found := KEY.fullmatch(argument))):
        node = settings(group, chosen)
        if key not in node and "_target_" in node:
            taken = inspect.signature(find_target(str(node["_target_"]), group)).parameters
            require(key in taken, f"{group}.{key}: {unknown(key, group, [*node, *taken])}")


def check_choice(group: str, choice: str, options: Sequence[str]) -> None:
    """Refuse a choice that is not among the options of its group.

    Raises:
        ConfigError: naming the nearest.
    """
    if choice not in options and choice != "null":
        near = suggestion(choice, options)
        raise ConfigError(f"{group}={choice}: no such {group}.{near}\nChoose one of: {', '.join(options)}.")


def unknown(key: str, where: str, known: Iterable[str]) -> str:
    """What there is in the place of an unknown key."""
    public = [name for name in dict.fromkeys(known) if not name.startswith("_")]
    inside = f"{where} has no setting '{key}'" if where else f"there is no setting or group '{key}'"
    return f"{inside}.{suggestion(key, public)}\nIt has: {', '.join(public) or 'none'}."


def groups() -> list[str]:
    """The groups of our own, and Hydra's node."""
    return ["hydra", *sorted({folder.name for folder in conf_folder().iterdir() if folder.is_dir()} | set(SHARED))]


def choices(group: str) -> list[str]:
    """The choices of a group."""
    folders = [conf_folder() / name for name in (group, SHARED.get(group)) if name]
    return sorted(file.stem for folder in folders for file in folder.glob("*.yaml"))


def settings(group: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The node of a group as its files write it; empty where a file of another group may have a say in it."""
    entries = [entry for entry in read("config")["defaults"] if isinstance(entry, dict)]
    picked = {name: choice for entry in entries for name, choice in entry.items() if choice} | dict(chosen)
    texts = [file_of(f"{name}/{choice}").read_text(encoding="utf-8") for name, choice in picked.items()]
    open_to_others = group not in chosen and any(f"override /{group}:" in text for text in texts)
    return {} if group not in picked or open_to_others else written(f"{group}/{picked[group]}")


def written(path: str) -> dict[str, Any]:
    """A configuration as its file writes it, upon those that it begins with; of nodes inside it, their names alone."""
    own, folder = read(path), path.rpartition("/")[0]
    node: dict[str, Any] = {}
    for entry in own.pop("defaults", []):
        name, choice = next(iter(entry.items())) if isinstance(entry, dict) else (str(entry), None)
        place, _, package = name.partition("@")
        if choice is not None:
            place, package = f"{place}/{choice}", package or place
        if place == "_self_" or place.startswith("override "):
            continue
        inner = place[1:] if place.startswith("/") else f"{folder}/{place}"
        node |= written(inner) if package in ("", "_here_") else {package: {}}
    return node | own


def file_of(path: str) -> Path:
    """The file of a configuration; the choice of a group may lie in the folder of another one."""
    group, _, choice = path.rpartition("/")
    own = conf_folder() / f"{path}.yaml"
    return own if own.exists() or group not in SHARED else conf_folder() / SHARED[group] / f"{choice}.yaml"


def read(path: str) -> dict[str, Any]:
    """The content of a configuration's file."""
    content = yaml.load(file_of(path).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content if isinstance(content, dict) else {}
