"""The signature of a run: everything that determines its numbers, the seed apart."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.build import study_nodes
from w2s.cli.configuration.tree import without_hydra
from w2s.errors import DataError
from w2s.identity import digest, identity_of, visible_files
from w2s.store import Store
from w2s.store.fingerprint import fingerprint, fingerprints

LENGTH = 12
"""Hex digits of a signature: 48 bits, so that a million runs collide with a chance below one in 500."""


def signature(config: DictConfig) -> str:
    """`LENGTH` hex digits over the study, and the preparation of an analysis, with their parts resolved.

    The seed is masked before resolving. Places, devices and batch sizes are left out, and files enter by content; each
    class says which of its arguments are which (`w2s.identity.identity`), and its version enters, too.
    """
    masked = without_hydra(config)
    masked.seed = None
    allowed = tuple(config.get("allow_targets") or ())
    built = {name: OmegaConf.to_container(masked[name], resolve=True) for name in study_nodes(masked)}
    store = Store(OmegaConf.select(config, "store.root"))
    return digest(canonical_tree(built, store, allowed))[:LENGTH]


def canonical_tree(tree: Any, store: Store, allowed: Sequence[str] = ()) -> Any:
    """The tree without what does not matter to the results, and with content in the place of paths."""
    if isinstance(tree, Mapping):
        if "_target_" not in tree:
            return {key: canonical_tree(value, store, allowed) for key, value in tree.items()}
        kept = identity_of(find_target(str(tree["_target_"]), "study", allowed))
        whole: dict[str, Any] = {"version": kept.version}
        for key, value in tree.items():
            if key not in kept.runtime:
                whole[str(key)] = content(value, store) if key in kept.content else canonical_tree(value, store, allowed)
        behind = [] if kept.behind is None else _behind(kept.behind, tree)
        return whole | ({"behind": fingerprints(store, behind)} if behind else {})
    if isinstance(tree, list):
        return [canonical_tree(value, store, allowed) for value in tree]
    return tree


def _behind(listed: Callable[[Mapping[str, Any]], Iterable[Path]], settings: Mapping[str, Any]) -> list[tuple[str, Path]]:
    """The files behind those that the settings name, none where these cannot be read: whoever loads them says so."""
    with suppress(DataError):
        return [(file.name, file) for file in listed(settings)]
    return []


def content(value: Any, store: Store) -> Any:
    """The content hash of a path that exists here, or of the files that a pattern matches, remembered in the store.

    Anything else, such as a hub id, as it is.
    """
    path = Path(value).expanduser() if isinstance(value, str) else None
    if path is None or not path.exists():
        pattern = "" if path is None else str(path)
        files = sorted(glob.glob(pattern)) if glob.has_magic(pattern) else []  # noqa: PTH207 - it may be absolute
        return fingerprints(store, [(Path(file).name, Path(file)) for file in files]) if files else value
    if path.is_file():
        return fingerprint(store, path)
    return fingerprints(store, [(file.relative_to(path).as_posix(), file) for file in visible_files(path)])
