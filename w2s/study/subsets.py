"""Training subsets: ways to pick equally many points, of overlap by its share and of every control it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from w2s.pool.pool import PreparedPool
from w2s.pool.student_predictions import one_hot, predict_each
from w2s.protocols import Learner
from w2s.statistics.accuracy import correct, predicted
from w2s.types import BoolArray, FloatArray, Inputs, IntArray, Region

OVERLAP = "1.0"
"""The subset of overlap points alone: the last share of the mixing curve."""
ORACLES = ("accuracy_matched", "true_labels")
"""Controls that open the pool's true labels; there are none where nobody knows them."""

MANY = 1_000_000
"""Candidates of which no more are put in order to draw some."""


class Sampler(Protocol):
    """Draws points without replacement."""

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """`size` positions where (n,) `allowed` holds, or None where there are too few to pick from."""
        ...


@dataclass(frozen=True)
class Uniform:
    """Any of the candidates, with equal chances."""

    candidates: IntArray
    """Positions."""

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """`size` of the allowed candidates."""
        open_to = self.candidates[allowed[self.candidates]]
        if size > len(open_to):
            return None
        return draw.permutation(open_to)[:size] if len(open_to) <= MANY else draw.choice(open_to, size, replace=False)


@dataclass(frozen=True)
class Highest:
    """The points of the highest rank; equal ones in random order."""

    rank: FloatArray
    """(n,)"""

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """The `size` highest of the allowed points."""
        open_to = draw.permutation(np.flatnonzero(allowed))
        return open_to[np.argsort(-self.rank[open_to], kind="stable")[:size]] if size <= len(open_to) else None


@dataclass(frozen=True)
class Mixed:
    """A fixed number of overlap points, the rest from the other points."""

    overlap: Uniform
    others: Uniform
    n_overlap: int

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """`n_overlap` allowed overlap points and `size - n_overlap` allowed others."""
        return _both(
            self.overlap.sample(allowed, self.n_overlap, draw), self.others.sample(allowed, size - self.n_overlap, draw)
        )


@dataclass(frozen=True)
class Matched:
    """Candidates drawn so that the share of right weak labels is that of the reference points: an oracle."""

    candidates: IntArray
    reference: IntArray
    """Positions of the points whose label accuracy is matched."""
    right: BoolArray
    """(n,) whether each weak label is right."""

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """`size` allowed candidates, as many right ones among them as the allowed reference points have in proportion."""
        reference = self.reference[allowed[self.reference]]
        if len(reference) == 0:
            return None
        n_right = round(size * float(np.mean(self.right[reference])))
        right = Uniform(self.candidates).sample(allowed & self.right, n_right, draw)
        return _both(right, Uniform(self.candidates).sample(allowed & ~self.right, size - n_right, draw))


def _both(first: IntArray | None, second: IntArray | None) -> IntArray | None:
    return np.concatenate([first, second]) if first is not None and second is not None else None


@dataclass(frozen=True)
class TrainingSubset:
    """A sampler with what its points are trained on, and by whom."""

    name: str
    sampler: Sampler
    learner: Learner
    inputs: Inputs
    targets: FloatArray
    """(n, C)"""
    classes: IntArray
    """(n,) the classes that balanced picks are balanced over: on the pool those of the weak labels, refined."""
    weights: FloatArray | None = None
    """(n,) how often each point counts; None for once each."""
    kept: BoolArray | None = None
    """(n,) the points that may be picked: those that the refiner kept; None for all."""
    stream: str | None = None
    """Whose random draws it shares, so that both train on the same points; None: it has its own."""

    def sample(self, size: int, draw: np.random.Generator, *, balanced: bool) -> IntArray | None:
        """`size` positions, or `size` // C of each class; None where there are too few."""
        allowed = np.ones(len(self.classes), dtype=np.bool_) if self.kept is None else self.kept
        if not balanced:
            return self.sampler.sample(allowed, size, draw)
        n_classes = self.targets.shape[1]
        picks = [self.sampler.sample(allowed & (self.classes == k), size // n_classes, draw) for k in range(n_classes)]
        found = [pick for pick in picks if pick is not None]
        return np.concatenate(found) if len(found) == n_classes else None


def overlap_subset(prepared: PreparedPool) -> TrainingSubset:
    """Overlap points only, under the name of their share."""
    return _pool_subset(prepared.learners.student, OVERLAP, Uniform(prepared.partition.members(Region.OVERLAP)), prepared)


def share_subset(prepared: PreparedPool, share: float, n_overlap: int) -> TrainingSubset:
    """`n_overlap` overlap points among others, under the name of its share."""
    overlap = Uniform(prepared.partition.members(Region.OVERLAP))
    others = Uniform(prepared.partition.members(Region.EASY, Region.HARD))
    return _pool_subset(prepared.learners.student, f"{share:.1f}", Mixed(overlap, others, n_overlap), prepared)


def control_subsets(prepared: PreparedPool) -> list[TrainingSubset]:
    """The controls of equal size."""
    return [*common_controls(prepared), *own_controls(prepared)]


def common_controls(prepared: PreparedPool) -> list[TrainingSubset]:
    """The controls that every detector with the same hard points shares; `gold` looks at weak_train's labels.

    `random_non_hard` is the one that every claim about overlap is made against.
    """
    gold = prepared.splits.weak_train.truth("gold control: the weak model's own training labels")
    return [
        _control("random", Uniform(np.arange(len(prepared.partition))), prepared),
        _control("random_non_hard", Uniform(prepared.partition.members(Region.EASY, Region.OVERLAP)), prepared),
        _control("most_confident", Highest(prepared.partition.confidence), prepared),
        TrainingSubset(
            name="gold",
            sampler=Uniform(np.arange(len(gold))),
            learner=prepared.learners.control,
            inputs=prepared.strong_weak_train,
            targets=one_hot(gold, prepared.n_classes),
            classes=gold,
        ),
    ]


def own_controls(prepared: PreparedPool) -> list[TrainingSubset]:
    """The controls of one detector's overlap; the `ORACLES` look at sealed labels."""
    overlap = prepared.partition.members(Region.OVERLAP)
    non_hard = prepared.partition.members(Region.EASY, Region.OVERLAP)
    easy = _control("easy", Uniform(prepared.partition.members(Region.EASY)), prepared)
    if not prepared.has_truth:
        return [easy]
    truth = prepared.truth("oracle controls of the mixing study")
    right = predicted(truth) == prepared.target_classes
    return [
        easy,
        _control("accuracy_matched", Matched(non_hard, overlap, right), prepared),
        replace(_control("true_labels", Uniform(overlap), prepared), targets=truth, stream=OVERLAP),
    ]


def full_subset(prepared: PreparedPool) -> TrainingSubset:
    """Any pool point."""
    return _control("full_balanced", Uniform(np.arange(len(prepared.partition))), prepared)


def _control(name: str, sampler: Sampler, prepared: PreparedPool) -> TrainingSubset:
    return _pool_subset(prepared.learners.control, name, sampler, prepared)


def _pool_subset(learner: Learner, name: str, sampler: Sampler, prepared: PreparedPool) -> TrainingSubset:
    return TrainingSubset(
        name=name,
        sampler=sampler,
        learner=learner,
        inputs=prepared.strong_pool,
        targets=prepared.targets,
        classes=prepared.target_classes,
        weights=prepared.weights,
        kept=prepared.kept,
    )


def largest_balanced(classes: IntArray, n_classes: int, *, at_most: int) -> int:
    """The most points, at most `at_most`, that can be taken from points of these `classes` (n,), equally many of each."""
    return n_classes * min(at_most // n_classes, int(np.bincount(classes, minlength=n_classes).min()))


def correctness_on_test(prepared: PreparedPool, subset: TrainingSubset, picks: Sequence[IntArray]) -> list[BoolArray]:
    """(m,) correctness on the m test points after training on each of the picks; the same picks are trained on once."""
    distinct = {pick.tobytes(): pick for pick in picks}
    inputs = [subset.inputs.take(pick) for pick in distinct.values()]
    targets = [subset.targets[pick] for pick in distinct.values()]
    weights = None if subset.weights is None else [subset.weights[pick] for pick in distinct.values()]
    answers = predict_each(subset.learner, inputs, targets, prepared.strong_test, prepared.validation, weights)
    labels = prepared.test_labels()
    right = {key: correct(answer, labels) for key, answer in zip(distinct, answers, strict=True)}
    return [right[pick.tobytes()] for pick in picks]
