"""Fixed divergences between weak labels y and the student's probabilities f: convex in f, so that probes may use them.

The f-divergences as weak-to-strong losses: arXiv 2506.03109. Those that are infinite where a probability is 0 take the weak
labels, or f, smoothed by `eps` towards uniform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Gt, Lt

from w2s.identity import identity
from w2s.loss.base import Loss, Step, cross_entropy, log_probabilities, smoothed

if TYPE_CHECKING:
    from torch import Tensor

Smoothing = Annotated[float, Gt(0), Lt(1)]


@identity()
@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Loss):
    """-sum y log f."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return cross_entropy(log_probabilities(logits), targets)


@identity()
@dataclass(frozen=True, kw_only=True)
class KullbackLeibler(Loss):
    """KL(y, f): cross-entropy less the entropy of the weak label, with the same gradient."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return kl(targets.float(), log_probabilities(logits))


@identity()
@dataclass(frozen=True, kw_only=True)
class ReverseKullbackLeibler(Loss):
    """KL(f, y), y smoothed."""

    eps: Smoothing = 0.01

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return reverse_kl(log_probabilities(logits), smoothed(targets, self.eps))


@identity()
@dataclass(frozen=True, kw_only=True)
class Jeffreys(Loss):
    """KL(y, f) + KL(f, y), y smoothed."""

    eps: Smoothing = 0.01

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f, y = log_probabilities(logits), smoothed(targets, self.eps)
        return kl(y, log_f) + reverse_kl(log_f, y)


@identity()
@dataclass(frozen=True, kw_only=True)
class JensenShannon(Loss):
    """Half KL(y, q) and half KL(f, q), q the mean of y and f; in [0, ln 2], not convex in the logits."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        y, log_f = targets.float(), log_probabilities(logits)
        log_q = y.log().logaddexp(log_f) - math.log(2)
        return (kl(y, log_q) + (log_f.exp() * (log_f - log_q)).sum(-1)) / 2


@identity()
@dataclass(frozen=True, kw_only=True)
class Hellinger(Loss):
    """Half the sum of (sqrt y - sqrt f)^2; in [0, 1], not convex in the logits."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return 1 - (targets.float().sqrt() * (log_probabilities(logits) / 2).exp()).sum(-1)


@identity()
@dataclass(frozen=True, kw_only=True)
class ChiSquared(Loss):
    """Sum of (y - f)^2 / f, f smoothed."""

    eps: Smoothing = 0.01

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        f = smoothed(log_probabilities(logits).exp(), self.eps)
        return ((targets.float() - f).square() / f).sum(-1)


@identity()
@dataclass(frozen=True, kw_only=True)
class TotalVariation(Loss):
    """Half the sum of |y - f|; in [0, 1], not convex in the logits."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return (targets.float() - log_probabilities(logits).exp()).abs().sum(-1) / 2


@identity()
@dataclass(frozen=True, kw_only=True)
class Brier(Loss):
    """Sum of (y - f)^2."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return (targets.float() - log_probabilities(logits).exp()).square().sum(-1)


@identity()
@dataclass(frozen=True, kw_only=True)
class LabelSmoothing(Loss):
    """Cross-entropy against y (1 - eps) + eps / C."""

    eps: Smoothing = 0.1

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return cross_entropy(log_probabilities(logits), smoothed(targets, self.eps))


def kl(y: Tensor, log_f: Tensor) -> Tensor:
    """(B,) sum y (log y - log f); a class without weight counts nothing."""
    return (y.xlogy(y) - y * log_f).sum(-1)


def reverse_kl(log_f: Tensor, y: Tensor) -> Tensor:
    """(B,) sum f (log f - log y), y > 0."""
    return (log_f.exp() * (log_f - y.log())).sum(-1)
