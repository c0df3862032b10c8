"""Every loss: finite, right in its gradient, independent of how a step is cut; and what each one promises."""

from __future__ import annotations

import math

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from scipy.special import digamma, gammaln
from torch import Tensor

from tests.configured import CONF, choices
from w2s.loss import (
    AdaptiveConfidence,
    Brier,
    ChiSquared,
    CrossEntropy,
    Evidential,
    Hellinger,
    JensenShannon,
    KullbackLeibler,
    LabelSmoothing,
    LogConfidence,
    Loss,
    MulticlassLogConfidence,
    ProductOfExperts,
    ReverseKullbackLeibler,
    SelfDistillation,
    Step,
    SymmetricCrossEntropy,
    TotalVariation,
)
from w2s.loss.self_training import hardened_at_prior

LOSSES: dict[str, Loss] = {name: instantiate(OmegaConf.load(CONF / "loss" / f"{name}.yaml")) for name in choices("loss")}
MOVING = sorted(name for name, loss in LOSSES.items() if loss.needs_current_student)


def step_of(logits: Tensor, targets: Tensor) -> Step:
    return Step(logits.detach(), targets.mean(0), slice(0, len(logits)))


def example(classes: int, b: int = 7, seed: int = 0) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(b, classes, generator=draw, dtype=torch.float64)
    return logits, torch.randn(b, classes, generator=draw, dtype=torch.float64).softmax(-1)


def able(name: str, classes: int) -> bool:
    return classes == 2 or not LOSSES[name].two_classes_only


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_are_finite_at_one_hot_labels_and_saturated_students(name: str, classes: int) -> None:
    if not able(name, classes):
        return
    targets = torch.eye(classes)[[0, 1, 0, 1]]
    logits = (torch.tensor([1.0, 1.0, -1.0, 0.0])[:, None] * torch.linspace(300, -300, classes)).requires_grad_()
    loss = LOSSES[name](logits, targets, 0.7, step_of(logits, targets))
    loss.sum().backward()
    assert loss.shape == (4,)
    assert loss.dtype == torch.float32
    assert torch.isfinite(loss).all()
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", sorted(set(LOSSES) - set(MOVING)))
def test_gradients_of_fixed_losses_are_those_of_finite_differences(name: str, classes: int) -> None:
    if not able(name, classes):
        return
    logits, targets = example(classes)
    step = step_of(logits, targets)
    free = logits.clone().requires_grad_()
    LOSSES[name](free, targets, 0.5, step).sum().backward()
    h = 1e-2  # losses are float32: a wide central difference
    for i in range(len(logits)):
        for k in range(classes):
            change = torch.zeros_like(logits)
            change[i, k] = h
            up, down = (LOSSES[name](logits + sign * change, targets, 0.5, step).double().sum() for sign in (1, -1))
            assert float((up - down) / (2 * h)) == pytest.approx(float(free.grad[i, k]), abs=2e-3)


@pytest.mark.parametrize("name", MOVING)
def test_gradients_of_moving_targets_are_those_of_the_same_target_held_fixed(name: str) -> None:
    logits, targets = example(2)
    free = logits.float().requires_grad_()
    loss = LOSSES[name]
    loss(free, targets, 1.0, step_of(free, targets)).sum().backward()
    f, y = logits.float().softmax(-1), targets.float()
    own = torch.nn.functional.one_hot(f.argmax(-1), 2).float()
    match loss:
        case LogConfidence():
            target = (1 - loss.weight) * y + loss.weight * hardened_at_prior(logits, targets.mean(0))
        case MulticlassLogConfidence():
            target = (1 - loss.weight) * y + loss.weight * own
        case SelfDistillation():
            target = (1 - loss.weight) * y + loss.weight * f
        case ProductOfExperts():
            smooth = y * (1 - loss.eps) + loss.eps / 2
            target = f**loss.beta * smooth**loss.alpha
            target = target / target.sum(-1, keepdim=True)
        case AdaptiveConfidence():
            weak = torch.nn.functional.one_hot(y.argmax(-1), 2).float()
            to_own, to_weak = -(own * f.log()).sum(-1), -(weak * f.log()).sum(-1)
            a = (to_own / loss.temperature).exp() / ((to_own / loss.temperature).exp() + (to_weak / loss.temperature).exp())
            assert float(a.max()) <= 0.5 + 1e-6
            target = (1 - a)[:, None] * y + a[:, None] * own
        case _:
            target = torch.where((f.amax(-1) < 0.5 + loss.radius)[:, None], y, f)  # type: ignore[attr-defined]
    assert torch.allclose(free.grad, f - target, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_step_cut_into_micro_batches_loses_the_same(name: str) -> None:
    logits, targets = example(2, b=12)
    whole = LOSSES[name](logits, targets, 0.6, step_of(logits, targets))
    parts = []
    for start in range(0, 12, 4):
        rows = slice(start, start + 4)
        parts.append(LOSSES[name](logits[rows], targets[rows], 0.6, Step(logits, targets.mean(0), rows)))
    assert torch.equal(torch.cat(parts), whole)


@pytest.mark.parametrize(
    "loss", [LogConfidence(weight=0.0), MulticlassLogConfidence(weight=0.0), SelfDistillation(weight=0.0)]
)
def test_without_weight_of_its_own_prediction_a_loss_is_cross_entropy_bit_for_bit(loss: Loss) -> None:
    logits, targets = example(2)
    step = step_of(logits, targets)
    assert torch.equal(loss(logits, targets, 1.0, step), CrossEntropy()(logits, targets, 1.0, step))


def test_the_warm_up_of_log_confidence_has_no_jump() -> None:
    logits, targets = example(2)
    step, loss = step_of(logits, targets), LogConfidence(weight=0.5, warmup=0.2)
    before, after = (loss(logits, targets, progress, step) for progress in (0.2 - 1e-7, 0.2))
    assert torch.allclose(before, after, atol=1e-5)
    assert torch.equal(loss(logits, targets, 0.0, step), CrossEntropy()(logits, targets, 0.0, step))


@pytest.mark.parametrize("prior", [0.1, 0.34, 0.5, 0.9])
@pytest.mark.parametrize("s", [2, 3, 10, 32])
def test_hardened_predictions_keep_the_prior_within_one_example(s: int, prior: float) -> None:
    for logits in (example(2, b=s, seed=3)[0], torch.zeros(s, 2)):
        ones = hardened_at_prior(logits, torch.tensor([1 - prior, prior])).sum(0)
        assert abs(float(ones[1]) - prior * s) <= 1


def test_a_single_example_takes_its_likelier_class() -> None:
    for logits, label in ((torch.tensor([[0.0, 1.0]]), 1), (torch.tensor([[1.0, 0.0]]), 0)):
        assert int(hardened_at_prior(logits, torch.tensor([0.5, 0.5])).argmax()) == label


def test_divergences_are_zero_where_the_student_agrees_and_positive_elsewhere() -> None:
    logits, targets = example(3)
    step = step_of(logits, targets)
    for loss in (KullbackLeibler(), JensenShannon(), Hellinger(), TotalVariation(), Brier()):
        assert float(loss(targets.log(), targets, 0.0, step).abs().max()) < 1e-6
        assert float(loss(logits, targets, 0.0, step).min()) > 0
    for bound, bounded in ((math.log(2), JensenShannon()), (1.0, Hellinger()), (1.0, TotalVariation())):
        apart = bounded(torch.tensor([[200.0, -200.0]]), torch.tensor([[0.0, 1.0]]), 0.0, step)
        assert float(apart) == pytest.approx(bound, rel=1e-5)


def test_numbers_worked_by_hand() -> None:
    """f = (.8, .2) and y = (.6, .4)."""
    logits, targets = torch.tensor([[math.log(0.8), math.log(0.2)]]), torch.tensor([[0.6, 0.4]])
    step = step_of(logits, targets)
    cross = -(0.6 * math.log(0.8) + 0.4 * math.log(0.2))
    eps = 0.1
    expected = {
        CrossEntropy(): cross,
        KullbackLeibler(): cross + 0.6 * math.log(0.6) + 0.4 * math.log(0.4),
        LabelSmoothing(eps=eps): -(0.59 * math.log(0.8) + 0.41 * math.log(0.2)),
        ReverseKullbackLeibler(eps=eps): 0.8 * math.log(0.8 / 0.59) + 0.2 * math.log(0.2 / 0.41),
        Brier(): 0.2**2 + 0.2**2,
        TotalVariation(): 0.2,
        Hellinger(): 1 - math.sqrt(0.48) - math.sqrt(0.08),
        ChiSquared(eps=eps): (0.6 - 0.77) ** 2 / 0.77 + (0.4 - 0.23) ** 2 / 0.23,
        SymmetricCrossEntropy(alpha=1, beta=0.5, eps=eps): cross - 0.5 * (0.8 * math.log(0.59) + 0.2 * math.log(0.41)),
    }
    for loss, value in expected.items():
        assert float(loss(logits, targets, 0.0, step)) == pytest.approx(value, rel=1e-5), loss


def test_the_evidential_loss_adds_the_divergence_from_the_uniform_dirichlet_as_training_goes_on() -> None:
    logits, targets = torch.tensor([[3.0, 0.5, -4.0]]), torch.tensor([[0.7, 0.2, 0.1]])
    a, total = [4.0, 1.5, 1.0], 6.5
    fit = sum(y * (math.log(total) - math.log(k)) for y, k in zip(targets[0].tolist(), a, strict=True))
    kl = gammaln(total) - sum(gammaln(k) for k in a) - gammaln(3) + sum((k - 1) * (digamma(k) - digamma(total)) for k in a)
    step = step_of(logits, targets)
    assert float(Evidential()(logits, targets, 0.0, step)) == pytest.approx(fit, rel=1e-5)
    assert float(Evidential()(logits, targets, 0.5, step)) == pytest.approx(fit + 0.5 * kl, rel=1e-5)


def test_the_entropy_loss_is_cross_entropy_with_a_smaller_step() -> None:
    logits, targets = example(2)
    gradients = []
    for loss in (SelfDistillation(weight=0.3), CrossEntropy()):
        free = logits.float().requires_grad_()
        loss(free, targets, 0.0, step_of(free, targets)).sum().backward()
        gradients.append(free.grad)
    assert torch.allclose(gradients[0], 0.7 * gradients[1], atol=1e-6)
