"""The one way from configuration to objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.tree import named, parts, plain
from w2s.errors import ConfigError, W2SError

STUDY, PREPARATION = "study", "preparation"
FULL_KEY = re.compile(r"^full_key: (\S+)$", re.MULTILINE)


def build(config: DictConfig, where: str = "", /, **arguments: Any) -> Any:
    """Instantiate the checked node at a path, or the whole; `arguments` are plain values for a node that is `_partial_`.

    Raises:
        W2SError: as the constructor raised it, with the whole path of the setting that it names.
        ConfigError: the constructor failed otherwise; the cause is kept.
    """
    # a plain copy: instantiate resolves what a node points to in place, and a baked-in seed would enter the signature
    node = OmegaConf.to_container(OmegaConf.select(config, where) if where else config, resolve=True)
    try:
        made = instantiate(node, _convert_="all")
        return made(**arguments) if arguments else made
    except InstantiationException as error:
        cause = error.__cause__
        while cause is not None and not isinstance(cause, W2SError):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise ConfigError(str(error).splitlines()[0]) from error
        inner = FULL_KEY.search(str(error))
        raise named(cause, f"{where}.{inner[1]}" if inner else where, plain(config)) from error


def study_nodes(root: Mapping[str, Any]) -> tuple[str, ...]:
    """The root nodes that the chosen study is built from: its own, and the preparation of an analysis."""
    node = root[STUDY]
    if not isinstance(node, Mapping) or "_target_" not in node:
        return (STUDY,)
    target = find_target(str(node["_target_"]), STUDY, tuple(root.get("allow_targets") or ()))
    return (STUDY, PREPARATION) if hasattr(target, "analyse") else (STUDY,)


def build_study(config: DictConfig) -> Any:
    """The study; an analysis, on the pool that the preparation makes."""
    if PREPARATION not in study_nodes(config):
        return build(config, STUDY)
    from w2s.study import OnPool

    return OnPool(build(config, PREPARATION), (build(config, STUDY),))


def study_parts(study: Any) -> Iterator[tuple[str, Any]]:
    """(path in the configuration, object) of the study and everything that it is made of."""
    from w2s.study import OnPool

    if not isinstance(study, OnPool):
        yield from parts(study, STUDY)
        return
    yield STUDY, study
    yield from parts(study.preparation, PREPARATION)
    for analysis in study.analyses:
        yield from parts(analysis, STUDY)
