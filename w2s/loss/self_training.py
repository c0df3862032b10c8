"""Losses whose targets move with the student's own predictions: only for students trained by steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from annotated_types import Ge, Gt, Le

from w2s.identity import identity
from w2s.loss.base import Loss, Step, cross_entropy, log_probabilities, one_hot_of_largest, smoothed
from w2s.loss.divergences import Smoothing

if TYPE_CHECKING:
    from torch import Tensor

Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class _AuxiliaryConfidence(Loss):
    needs_current_student: ClassVar[bool] = True

    weight: Share = 0.5
    """c: of the student's own hardened predictions, after the warm-up."""
    warmup: Share = 0.2
    """Share of the steps over which c grows from 0, linearly and without a jump."""

    def mixed(self, log_f: Tensor, targets: Tensor, hardened: Tensor, progress: float) -> Tensor:
        """(B,) cross-entropy against (1 - c) y + c `hardened`."""
        c = self.weight if progress >= self.warmup else self.weight * progress / self.warmup
        return cross_entropy(log_f, (1 - c) * targets.float() + c * hardened)


@identity()
@dataclass(frozen=True, kw_only=True)
class LogConfidence(_AuxiliaryConfidence):
    """Auxiliary confidence loss for two classes: predictions hardened where the weak prior is kept.

    C. Burns et al., "Weak-to-strong generalization", 2023 (arXiv 2312.09390), appendix A.4. The threshold is a quantile
    over the optimiser step, and c grows without a jump.
    """

    needs_step: ClassVar[bool] = True
    two_classes_only: ClassVar[bool] = True

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        hardened = hardened_at_prior(step.logits, step.prior)[step.rows]
        return self.mixed(log_probabilities(logits), targets, hardened, progress)


@identity()
@dataclass(frozen=True, kw_only=True)
class MulticlassLogConfidence(_AuxiliaryConfidence):
    """Auxiliary confidence loss for any number of classes: predictions hardened at their largest class, without a prior."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        return self.mixed(log_probabilities(logits), targets, one_hot_of_largest(logits.detach()), progress)


@identity()
@dataclass(frozen=True, kw_only=True)
class AdaptiveConfidence(Loss):
    """(1 - a) CE(f, y) + a CE(f, hard f), with a = sigmoid((CE(f, hard f) - CE(f, hard y)) / temperature) of each example.

    a <= 1/2, and it goes to 0 where a confident student disagrees with the weak label (J. Guo et al., "Vision
    superalignment", arXiv 2402.03749).
    """

    needs_current_student: ClassVar[bool] = True

    temperature: Annotated[float, Gt(0)] = 0.5

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f, own = log_probabilities(logits), one_hot_of_largest(logits.detach())
        to_own = cross_entropy(log_f, own)
        to_weak = cross_entropy(log_f, one_hot_of_largest(targets))
        a = ((to_own - to_weak).detach() / self.temperature).sigmoid()
        return (1 - a) * cross_entropy(log_f, targets) + a * to_own


@identity()
@dataclass(frozen=True, kw_only=True)
class ConfidenceWindow(Loss):
    """Cross-entropy where the student's largest probability is below 1/2 + radius, else 0; two classes."""

    needs_current_student: ClassVar[bool] = True
    two_classes_only: ClassVar[bool] = True

    radius: Annotated[float, Gt(0), Le(0.5)] = 0.15

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f = log_probabilities(logits)
        inside = log_f.detach().exp().amax(-1) < 0.5 + self.radius
        return cross_entropy(log_f, targets) * inside


@identity()
@dataclass(frozen=True, kw_only=True)
class ProductOfExperts(Loss):
    """Cross-entropy against the normalised f^beta y^alpha, held fixed; y smoothed by `eps`."""

    needs_current_student: ClassVar[bool] = True

    alpha: Annotated[float, Ge(0)] = 1.0
    """Of the weak label."""
    beta: Annotated[float, Ge(0)] = 1.0
    """Of the student."""
    eps: Smoothing = 1e-3

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f = log_probabilities(logits)
        product = self.beta * log_f.detach() + self.alpha * smoothed(targets, self.eps).log()
        return cross_entropy(log_f, product.softmax(-1))


@identity()
@dataclass(frozen=True, kw_only=True)
class SelfDistillation(Loss):
    """Cross-entropy against (1 - c) y + c f, f held fixed. Known as an entropy loss, though no entropy is minimised.

    Its gradient is (1 - c) (f - y): that of cross-entropy with a smaller step.
    """

    needs_current_student: ClassVar[bool] = True

    weight: Share = 0.5
    """c."""

    def __call__(self, logits: Tensor, targets: Tensor, progress: float, step: Step) -> Tensor:
        log_f = log_probabilities(logits)
        return cross_entropy(log_f, (1 - self.weight) * targets.float() + self.weight * log_f.detach().exp())


def hardened_at_prior(logits: Tensor, prior: Tensor) -> Tensor:
    """(S, 2) one-hot: class 1 for the S m examples likeliest to be of it by the student, m the weak prior of class 1.

    The count is rounded, and both classes are given where S >= 2 and both have a prior; a single example takes its likelier
    class. Of equal examples the earlier ones come first.
    """
    import torch

    s = len(logits)
    if s == 1:
        return one_hot_of_largest(logits)
    count = round(float(prior[1]) * s)
    count = min(max(count, 1), s - 1) if 0 < float(prior[1]) < 1 else count
    margin = (logits[:, 1] - logits[:, 0]).float()
    ones = torch.zeros(s, dtype=torch.long, device=logits.device)
    ones[margin.argsort(descending=True, stable=True)[:count]] = 1
    return torch.nn.functional.one_hot(ones, 2).float()
