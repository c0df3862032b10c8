"""What settings are called, what differs between them, and a configuration as flat settings."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SETTINGS_APART = (
    *("seed", "setting", "resume", "figures", "tags", "show_config", "dryrun", "threads", "allow_targets", "store"),
)
GROUPS_APART = ("tracker", "launcher", "hparams_search", "hydra")
"""Root nodes outside a run's signature, whose overrides tell no setting from another."""
CHOICES = (
    *("model", "weak_model", "strong_model", "learner", "weak_learner"),
    *("loss", "refiner", "recipe", "detector", "policy"),
)
"""Config groups that make a difference, in the order in which a run uses them."""
NONE = "none"
ABSENT = "(absent)"


@dataclass(frozen=True)
class Setting:
    """What all seeds of one setting share."""

    signature: str
    name: str
    study: str
    dataset: str
    choices: Mapping[str, str | None]
    """Config group -> choice."""
    config: Mapping[str, Any]
    """Flat, without what changes no result."""
    sources: str
    """What the sources of its pool are, where it buys from some."""
    given: str = ""
    """Its name as its runs have it, which other settings may share."""


def is_idle(override: str) -> bool:
    """Whether an override, or a setting, sets nothing that a result could depend on."""
    return re.split(r"[.=@]", override.lstrip("+~"), maxsplit=1)[0] in SETTINGS_APART + GROUPS_APART


def factors(settings: Sequence[Setting]) -> dict[str, list[str]]:
    """What differs: a factor's name -> its value in each of the settings.

    Choices of groups come first, then the single settings that differ among settings with the same choices. A factor that
    is fixed by those before it is left out, so that as few as possible tell all settings apart.
    """
    found: dict[str, list[str]] = {}
    chosen = {group for setting in settings for group in setting.choices if not is_idle(group) and "@" not in group}
    groups = [group for group in CHOICES if group in chosen] + sorted(chosen - {*CHOICES, "study", "dataset"})
    keys = dict.fromkeys(key for setting in settings for key in setting.config)
    columns = [("study", [setting.study for setting in settings]), ("dataset", [setting.dataset for setting in settings])]
    columns += [(group, [setting.choices.get(group) or NONE for setting in settings]) for group in groups]
    columns += [(key, [_value(setting.config, key) for setting in settings]) for key in keys]
    for name, values in columns:
        if len(set(values)) > 1 and not _follows(values, list(found.values())):
            found[name] = values
    if len(settings) > len(set(zip(*found.values(), strict=True))):
        found["signature"] = [setting.signature for setting in settings]
    return found


def _value(config: Mapping[str, Any], key: str) -> str:
    return str(config[key]) if key in config else NONE


def _follows(values: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether the others' values, taken together, fix these."""
    together = list(zip(*others, strict=True)) if others else [()] * len(values)
    return len(set(zip(together, values, strict=True))) == len(set(together))


def setting_names(frame: pd.DataFrame) -> list[str]:
    """A name per row of `load_results` that is the same for all seeds of a setting and differs between settings.

    Where settings share the name they gave themselves, the overrides that differ between them are added.
    """
    names: dict[Any, str] = {}
    for given, rows in frame[frame["signature"].notna()].groupby("setting", sort=False):
        settings = rows.drop_duplicates("signature")
        sets = [{each for each in overrides if not is_idle(each)} for overrides in settings["overrides"]]
        shared = set.intersection(*sets)
        for signature, overrides, mine in zip(settings["signature"], settings["overrides"], sets, strict=True):
            own = [each for each in overrides if each in mine - shared]
            extra = " ".join(own) if len(sets) > 1 else ""
            names[given, signature] = f"{given} {extra}".strip()
    taken: dict[str, Any] = {}
    for (given, signature), name in names.items():
        if taken.setdefault(name, signature) != signature:
            names[given, signature] = f"{name} ({signature})"
    return [names.get(key, key[0]) for key in zip(frame["setting"], frame["signature"], strict=True)]


def shorter(names: Sequence[str], longest: int = 44) -> dict[str, str]:
    """Name -> one without the words, between plain spaces, that all share; cut in the middle where that tells them apart."""
    shared = set.intersection(*(set(name.split(" ")) for name in names)) if len(names) > 1 else set()
    short = {name: " ".join(word for word in name.split(" ") if word not in shared) or name for name in names}
    for shorten in (last_keys, partial(cut, longest=longest)):
        tried = {name: shorten(text) if len(text) > longest else text for name, text in short.items()}
        short = tried if len(set(tried.values())) == len(short) else short
    return short


def last_keys(name: str) -> str:
    """A name with the last parts alone of its overrides' keys."""
    return re.sub(r"(?<!\S)\+*[\w.@/]+\.(?=\w+=)", "", name)


def cut(name: str, longest: int = 44) -> str:
    """A name without its middle where it is too long."""
    return name if len(name) <= longest else f"{name[: longest // 2 - 1]} … {name[-longest // 2 + 2 :]}"


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted key -> value. A group that stands at the root is not repeated below: there it reads `${group}`."""
    return dict(_walk(config, "", config))


def _walk(node: Mapping[str, Any], where: str, root: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        path = f"{where}.{key}" if where else str(key)
        if where and isinstance(value, Mapping) and value and root.get(key) == value:
            yield path, f"${{{key}}}"
        elif isinstance(value, Mapping) and value:
            yield from _walk(value, path, root)
        else:
            yield path, value if not isinstance(value, float) or math.isfinite(value) else str(value)


def differences(config: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in which the flat `config` differs from the flat `base`; those it lacks are `ABSENT`."""
    changed = {key: value for key, value in config.items() if key not in base or base[key] != value}
    return changed | {key: ABSENT for key in base if key not in config}
