"""A model is a representation and a learner."""

from __future__ import annotations

from dataclasses import dataclass

from w2s.protocols import Learner, Representation


@dataclass(frozen=True)
class Model:
    """How a model reads inputs (`representation`, never shown a label) and what it trains on top (`learner`)."""

    representation: Representation
    learner: Learner
