"""A run's configuration as flat settings, each as it would be written on the command line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

ABSENT = "(absent)"


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
