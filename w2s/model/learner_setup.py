"""Learners told what they train on and what they minimise."""

from __future__ import annotations

from w2s.errors import ConfigError
from w2s.loss import Loss
from w2s.protocols import Learner, ReadsColumn, Representation, TakesLoss, TrainsRepresentation


def probe_like(student: Learner) -> Learner:
    """The student's learner if it reads vectors, which is so unless it says otherwise; else logistic regression."""
    from w2s.model.logistic import LogisticProbe

    return LogisticProbe() if reads_other(student) else student


def reads_other(learner: object) -> bool:
    """Whether a learner, or what it trained, reads something else than the features that a representation makes."""
    return isinstance(learner, ReadsColumn) and learner.reads != "features"


def on(representation: Representation, learner: Learner) -> Learner:
    """The learner, told which representation it trains, if it trains one."""
    return learner.on(representation) if isinstance(learner, TrainsRepresentation) else learner


def with_loss(learner: Learner, loss: Loss | None, setting: str = "") -> Learner:
    """The learner, told what to minimise by a `setting`, which is `loss` unless it is named.

    Raises:
        ConfigError: it minimises something else.
    """
    if loss is None:
        return learner
    if not isinstance(learner, TakesLoss):
        raise ConfigError(f"{setting or f'loss={type(loss).__name__}'}: {type(learner).__name__} has a loss of its own.")
    return learner.with_loss(loss)
