"""The study of a configuration: by itself, or an analysis on the root's preparation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import DictConfig

from w2s.cli.build import build
from w2s.cli.places import parts
from w2s.cli.plain import plain
from w2s.cli.targets import find_target
from w2s.study import OnPool

STUDY, PREPARATION = "study", "preparation"


def study_nodes(root: Mapping[str, Any]) -> tuple[str, ...]:
    """The root nodes that the chosen study is built from: its own, and the preparation of an analysis."""
    node = root[STUDY]
    if not isinstance(node, Mapping) or "_target_" not in node:
        return (STUDY,)
    target = find_target(str(node["_target_"]), STUDY, tuple(root.get("allow_targets") or ()))
    return (STUDY, PREPARATION) if hasattr(target, "analyse") else (STUDY,)


def build_study(config: DictConfig) -> Any:
    """The study, an analysis on the pool that the preparation makes."""
    if PREPARATION in study_nodes(plain(config)):
        return OnPool(build(config[PREPARATION]), (build(config[STUDY]),))
    return build(config[STUDY])


def study_parts(study: Any) -> Iterator[tuple[str, Any]]:
    """(path in the configuration, object) of the study and everything that it is made of."""
    if isinstance(study, OnPool):
        yield STUDY, study
        yield from parts(study.preparation, PREPARATION)
        for analysis in study.analyses:
            yield from parts(analysis, STUDY)
    else:
        yield from parts(study, STUDY)
