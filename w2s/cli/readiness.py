"""One job, checked as far as it can be before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from omegaconf import DictConfig

from w2s.cli.build import build
from w2s.cli.places import named, short
from w2s.cli.plain import plain
from w2s.cli.preflight import preflight, type_hints
from w2s.cli.study import build_study, study_parts
from w2s.errors import ConfigError, W2SError


def ready(config: DictConfig) -> Any:
    """Check every setting, build the study and have its parts check themselves; returns the study.

    Raises:
        W2SError: the first mistake, with its setting as it is written on the command line.
    """
    preflight(config)
    build(config.store).check()
    study = build_study(config)
    check_kinds(study, config)
    check_parts(study, config)
    return study


def check_kinds(study: Any, config: DictConfig) -> None:
    """Refuse a part that is not what the field that holds it is annotated with, where that is a Protocol.

    Raises:
        ConfigError: naming the part and what it lacks.
    """
    for where, part in study_parts(study):
        for name, kind in type_hints(type(part)).items() if is_dataclass(part) else ():
            value = getattr(part, name, None)
            if is_protocol(kind) and not isinstance(value, kind):
                lacking = ", ".join(each for each in dir(kind) if not each.startswith("_") and not hasattr(value, each))
                setting = short(f"{where}.{name}", plain(config))
                raise ConfigError(f"{setting}: {type(value).__name__} is no {kind.__name__}, since it lacks: {lacking}.")


def is_protocol(kind: Any) -> bool:
    """Whether an annotation is a Protocol that objects can be held against."""
    return isinstance(kind, type) and bool(getattr(kind, "_is_runtime_protocol", False))


def check_parts(study: Any, config: DictConfig) -> None:
    """Call `check()` on every part of a study built from `config` that offers it: what can be known in milliseconds."""
    for where, part in checking(study):
        try:
            part.check()
        except W2SError as error:
            raise named(error, where, plain(config)) from error


def checking(study: Any) -> Iterator[tuple[str, Any]]:
    """(path, part) of the study's parts that say by themselves what stands in their way."""
    return ((where, part) for where, part in study_parts(study) if callable(getattr(part, "check", None)))
