"""A pool that is labelled by the weak model, read by the strong one, and partitioned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from w2s.protocols import BatchLearner, Encoder, Fitted, Learner
from w2s.statistics.metrics import predicted
from w2s.types import Evidence, FloatArray, Index, Inputs, IntArray, Partition, Splits


@dataclass(frozen=True)
class PreparedPool:
    """Where every study on a pool begins."""

    splits: Splits
    seed: int
    """The run's seed, for every later draw."""
    learner: Learner
    """Trains student, ceiling and all controls."""
    probe: Learner
    """Trained on vectors by detectors that cross-fit."""
    encoder: Encoder
    """The strong representation."""
    strong_pool: Inputs
    """Pool inputs, their features being the strong ones (n, d)."""
    strong_test: Inputs
    """Test inputs, their features being the strong ones."""
    weak_pool: FloatArray
    """(n, C) weak labels of the pool, as probabilities."""
    weak_test: FloatArray
    """Weak probabilities of the test points."""
    targets: FloatArray
    """(n, C) what the student learns from: `weak_pool`, or the one-hot of its most probable classes."""
    evidence: Evidence
    """Of the pool."""
    partition: Partition
    """Of the pool."""
    test_partition: Partition
    """Of the test points, by the thresholds and hard points of the pool."""
    trained: Fitted | None = None
    """The student, where detection already needed it."""

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.splits.classes)

    @cached_property
    def weak_classes(self) -> IntArray:
        """(n,) the class the weak model gives each pool point."""
        return predicted(self.weak_pool)

    @cached_property
    def strong_weak_train(self) -> Inputs:
        """The weak model's own training points, read by the strong representation; made only for those who ask."""
        inputs = self.splits.weak_train.inputs
        return inputs.with_features(self.encoder.encode(inputs))

    @cached_property
    def student(self) -> Fitted:
        """The strong model trained on the weak labels of the whole pool."""
        return self.fit(slice(None), self.targets) if self.trained is None else self.trained

    def truth(self, reason: str) -> FloatArray:
        """(n, C) one-hot true labels of the pool, opened for `reason`."""
        return one_hot(self.splits.pool.labels.open(reason), self.n_classes)

    def test_labels(self) -> IntArray:
        """(n,) true classes of the test points, opened for the evaluation."""
        return self.splits.test.labels.open("evaluation on test")

    def fit(self, index: Index, targets: FloatArray) -> Fitted:
        """The strong model trained on the pool points at `index`; `targets` (n, C) are those of the whole pool."""
        return self.learner.fit(self.strong_pool.take(index), targets[index])


def fit_each(learner: Learner, inputs: Sequence[Inputs], targets: Sequence[FloatArray]) -> Iterator[Fitted]:
    """A student for each of the inputs and their targets (n, C), one by one and none kept; side by side where one can."""
    if isinstance(learner, BatchLearner):
        yield from learner.fit_many(inputs, targets)
    else:
        for points, target in zip(inputs, targets, strict=True):
            yield learner.fit(points, target)


def one_hot(classes: IntArray, n_classes: int) -> FloatArray:
    """(n, C) with a 1 at each point's class."""
    return np.eye(n_classes)[classes]
