"""One job, checked as far as it can be before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegaconf import DictConfig

from w2s.app.build import build
from w2s.app.places import named, parts
from w2s.app.plain import plain
from w2s.app.preflight import preflight
from w2s.errors import W2SError


def ready(config: DictConfig) -> Any:
    """Check every setting, build the study and have its parts check themselves; returns the study.

    Raises:
        W2SError: the first mistake, with its setting as it is written on the command line.
    """
    preflight(config)
    build(config.store).check()
    study = build(config.study)
    check_parts(study, config)
    return study


def check_parts(study: Any, config: DictConfig) -> None:
    """Call `check()` on every part of a study built from `config` that offers it: what can be known in milliseconds."""
    for where, part in checking(study):
        try:
            part.check()
        except W2SError as error:
            raise named(error, where, plain(config)) from error


def checking(study: Any) -> Iterator[tuple[str, Any]]:
    """(path, part) of the study's parts that say by themselves what stands in their way."""
    return ((where, part) for where, part in parts(study, "study") if callable(getattr(part, "check", None)))
