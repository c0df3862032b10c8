"""Losses made for wrong labels: bounded, symmetric, or evidential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from annotated_types import Ge, Le

from w2s.identity import identity
from w2s.loss.base import Loss, Step, cross_entropy, log_probabilities, smoothed
from w2s.loss.divergences import Smoothing

if TYPE_CHECKING:
    from torch import Tensor


@identity()
@dataclass(frozen=True, kw_only=True)
class SymmetricCrossEntropy(Loss):
    """alpha CE(f, y) + beta reverse CE: -sum f log y, y smoothed (Y. Wang et al., ICCV 2019)."""

    alpha: Annotated[float, Ge(0)] = 1.0
    beta: Annotated[float, Ge(0)] = 0.1
    eps: Smoothing = 1e-3

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f = log_probabilities(logits)
        return self.alpha * cross_entropy(log_f, targets) + self.beta * reverse_cross_entropy(log_f, targets, self.eps)


@identity()
@dataclass(frozen=True, kw_only=True)
class ConfidenceAdaptiveCrossEntropy(Loss):
    """Cross-entropy where the weak label is |y - 1/2| >= `confident` sure, else reverse cross-entropy; two classes."""

    two_classes_only: ClassVar[bool] = True

    confident: Annotated[float, Ge(0), Le(0.5)] = 0.01
    eps: Smoothing = 1e-3

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f = log_probabilities(logits)
        sure = (targets[:, 1].float() - 0.5).abs() >= self.confident
        return cross_entropy(log_f, targets).where(sure, reverse_cross_entropy(log_f, targets, self.eps))


@identity()
@dataclass(frozen=True, kw_only=True)
class Evidential(Loss):
    """Logits as evidence a = max(z, 0) + 1 of a Dirichlet: sum y (log sum a - log a) + progress KL(Dir(a), Dir(1)).

    M. Sensoy et al., "Evidential deep learning", NeurIPS 2018; for weak labels arXiv 2406.03199.
    """

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        a = logits.float().relu() + 1
        total = a.sum(-1)
        fit = (targets.float() * (total.log()[:, None] - a.log())).sum(-1)
        return fit + progress * kl_to_uniform_dirichlet(a)


def reverse_cross_entropy(log_f: Tensor, targets: Tensor, eps: float) -> Tensor:
    """(B,) -sum f log y, y smoothed by `eps`."""
    return -(log_f.exp() * smoothed(targets, eps).log()).sum(-1)


def kl_to_uniform_dirichlet(a: Tensor) -> Tensor:
    """(B,) KL(Dir(a), Dir(1)) of parameters (B, C) >= 1."""
    import torch

    total, c = a.sum(-1), a.shape[-1]
    normaliser = total.lgamma() - a.lgamma().sum(-1) - torch.lgamma(torch.tensor(float(c)))
    return normaliser + ((a - 1) * (a.digamma() - total.digamma()[:, None])).sum(-1)
