"""The signature of a run: everything that determines its numbers, the seed apart."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from w2s.app.plain import without_hydra
from w2s.app.targets import find_target
from w2s.identity import content_hash, digest, identity_of

LENGTH = 12
"""Hex digits of a signature: 48 bits, so that a million runs collide with a chance below one in 500."""
SEED = "seed"


def signature(config: DictConfig) -> str:
    """`LENGTH` hex digits over the study with its parts resolved.

    The seed is masked before resolving. Places, devices and batch sizes are left out, and files enter by content; each
    class says which of its arguments are which (`w2s.identity.identity`), and its version enters, too.
    """
    masked = without_hydra(config)
    masked[SEED] = None
    study = OmegaConf.to_container(masked.study, resolve=True)
    return digest(essence(study, tuple(config.get("allow_targets") or ())))[:LENGTH]


def essence(tree: Any, allowed: Sequence[str] = ()) -> Any:
    """The tree without what does not matter to the results, and with content in the place of paths."""
    if isinstance(tree, Mapping):
        if "_target_" not in tree:
            return {key: essence(value, allowed) for key, value in tree.items()}
        kept = identity_of(find_target(str(tree["_target_"]), "study", allowed))
        whole: dict[str, Any] = {"version": kept.version}
        for key, value in tree.items():
            if key not in kept.runtime:
                whole[str(key)] = fingerprint(value) if key in kept.content else essence(value, allowed)
        return whole
    if isinstance(tree, list):
        return [essence(value, allowed) for value in tree]
    return tree


def fingerprint(value: Any) -> Any:
    """The content hash of a path that exists here; anything else, such as a hub id, as it is."""
    if not isinstance(value, str) or not Path(value).expanduser().exists():
        return value
    path = Path(value).expanduser().resolve()
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return _content(path, tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files))


@functools.lru_cache(maxsize=64)
def _content(path: Path, _state: tuple[tuple[str, int, int], ...]) -> str:
    return content_hash(path)
