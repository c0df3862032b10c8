"""What every loss shares: the step that a micro-batch belongs to, targets away from 0, and cross-entropy in float32.

B examples of a micro-batch, S of the whole optimiser step, C classes. `logits` are the student's, `targets` (B, C) the weak
labels. Both may come in any precision. Every loss computes in float32 and is finite for one-hot targets and saturated
students.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from w2s.utils.ranges import checked

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Step:
    """The optimiser step around a micro-batch, so that no loss depends on how the step is cut into micro-batches."""

    logits: Tensor
    """(S, C) the student's at the begin of the step, without gradient."""
    prior: Tensor
    """(C,) class shares of the weak labels of the whole training set."""
    rows: slice
    """Where the micro-batch stands among the S examples."""


@dataclass(frozen=True, kw_only=True)
@checked
class Loss(ABC):
    """Between a student's logits and weak labels, one number an example."""

    needs_step: ClassVar[bool] = False
    """Whether `step` is read; a training loop then runs the step forward once before its gradients."""
    needs_current_student: ClassVar[bool] = False
    """Whether the targets move with the student: only for students trained by steps, not for probes."""
    two_classes_only: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        """(B,) float32 losses.

        Args:
            logits: (B, C).
            targets: (B, C) probabilities.
            progress: share of the optimiser steps taken, in [0, 1].
            step: the whole optimiser step.
        """


def log_probabilities(logits: Tensor) -> Tensor:
    """(B, C) float32 log f."""
    return logits.float().log_softmax(-1)


def cross_entropy(log_f: Tensor, targets: Tensor) -> Tensor:
    """(B,) -sum y log f."""
    return -(targets.float() * log_f).sum(-1)


def smoothed(targets: Tensor, eps: float) -> Tensor:
    """(B, C) y (1 - eps) + eps / C: no class has probability 0."""
    return targets.float() * (1 - eps) + eps / targets.shape[-1]


def one_hot_of_largest(values: Tensor) -> Tensor:
    """(B, C) float32 with a 1 at each row's largest value, the first of equal ones."""
    import torch

    return torch.nn.functional.one_hot(values.argmax(-1), values.shape[-1]).float()
