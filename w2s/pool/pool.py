"""A pool that is labelled by the weak model, read by the strong one, and partitioned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from w2s.pool.fit_sample import LARGEST_FIT, partition_of, sampled
from w2s.pool.refined_labels import learn
from w2s.pool.student_predictions import one_hot
from w2s.pool.weak_train import WeakTrain
from w2s.protocols import Detector, Encoder, Fitted, Learner, UsesValidation
from w2s.statistics.accuracy import correct, predicted
from w2s.types import BoolArray, Evidence, FloatArray, Index, Inputs, IntArray, LabelledInputs, Partition, Refined, Splits
from w2s.utils.numerics import steady


@dataclass(frozen=True)
class Learners:
    """What trains on the strong representation."""

    student: Learner
    ceiling: Learner
    control: Learner
    """Of every student that another one is compared with."""
    probe: Learner
    """On vectors, for detectors that cross-fit."""

    @property
    def validate(self) -> bool:
        """Whether any student's training is watched on validation points."""
        return any(isinstance(each, UsesValidation) and each.uses_validation for each in (self.student, self.control))


@dataclass(frozen=True)
class PreparedPool:
    """Where every analysis begins."""

    splits: Splits
    seed: int
    """The run's seed, for every later draw."""
    learners: Learners
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
    """(n, C) what the student learns from: `weak_pool`, or the one-hot of its most probable classes, refined."""
    validation: LabelledInputs | None
    """Validation points with weak labels like `targets`, None where no learner uses them."""
    detector: Detector
    """What partitioned the pool, not fitted."""
    evidence: Evidence
    """Of the pool, as the detector saw it."""
    weak_train: WeakTrain
    """What the weak model's own training points tell."""
    partition: Partition
    """Of the pool."""
    test_partition: Partition
    """Of the test points, by the thresholds and hard points of the pool."""
    trained: Fitted | None = None
    """The student, where detection already needed it."""
    weights: FloatArray | None = None
    """(n,) how often each point counts in whatever is trained on weak labels; None for once each."""
    kept: BoolArray | None = None
    """(n,) which points the refiner kept: no subset draws others, and those bought teach nothing; None for all."""
    largest_fit: int = LARGEST_FIT
    """Points that a student is trained on, at most, unless somebody says how many."""
    fit_on: Index = field(default_factory=lambda: slice(None))
    """The points that stand for the whole pool wherever something is fitted on it."""

    @property
    def has_truth(self) -> bool:
        """Whether anybody knows the pool's true labels."""
        return self.splits.pool.labels is not None

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.splits.classes)

    @cached_property
    def weak_classes(self) -> IntArray:
        """(n,) the class the weak model gives each pool point."""
        return predicted(self.weak_pool)

    @property
    def refined(self) -> Refined:
        """Labels, weights and kept points of the pool."""
        return Refined(self.targets, self.weights, self.kept)

    def kept_among(self, index: Index = slice(None)) -> IntArray:
        """Positions of those of the points at `index` that the refiner kept."""
        return np.arange(len(self.targets))[self.refined.among(index)]

    @cached_property
    def target_classes(self) -> IntArray:
        """(n,) the class that a student learns from each pool point."""
        return predicted(self.targets)

    @property
    def strong_weak_train(self) -> Inputs:
        """The weak model's own training points, read by the strong representation; made only for those who ask."""
        return self.weak_train.strong

    @cached_property
    def student(self) -> Fitted:
        """The strong model trained on the weak labels of the whole pool."""
        return self.fit(self.fit_on) if self.trained is None else self.trained

    @property
    def _known_student(self) -> Fitted | None:
        """The student of the whole pool, where one has been trained."""
        return self.student if "student" in vars(self) else self.trained

    @cached_property
    def _student_answers(self) -> FloatArray:
        return steady(self.student.predict, self.strong_pool)

    def student_on_pool(self, *, train: bool = False) -> FloatArray | None:
        """(n, C) the student's probabilities of the pool, asked once; None where none has been trained, unless `train`."""
        return self._student_answers if train or self._known_student is not None else None

    def student_answers_to(self, inputs: Inputs) -> FloatArray | None:
        """(n, C) the student's probabilities; None where no student of the whole pool has been trained."""
        known = self._known_student
        return None if known is None else steady(known.predict, inputs)

    def fit_ceiling(self) -> Fitted:
        """The strong model trained on the true labels of the pool; no weak label chooses its state."""
        truth = self.splits.pool.truth("training of the ceiling")[self.fit_on]
        return self.learners.ceiling.fit(self.strong_pool.take(self.fit_on), one_hot(truth, self.n_classes))

    def truth(self, reason: str) -> FloatArray:
        """(n, C) one-hot true labels of the pool, opened for `reason`."""
        return one_hot(self.splits.pool.truth(reason), self.n_classes)

    def test_labels(self) -> IntArray:
        """(n,) true classes of the test points, opened for the evaluation."""
        return self.splits.test.truth("evaluation on test")

    def right_on_test(self, model: Fitted) -> BoolArray:
        """(n,) whether a model on the strong representation is right on the test points."""
        return correct(model.predict(self.strong_test), self.test_labels())

    def fit(self, index: Index, learner: Learner | None = None) -> Fitted:
        """A student of the kept pool points at `index`, trained by the student's learner or by another `learner`."""
        learner = self.learners.student if learner is None else learner
        return learn(learner, self.strong_pool, self.refined, index, self.validation)

    def partition_by(self, detector: Detector) -> Partition:
        """The pool in the regions of another detector."""
        student = self.student if detector.features == "student" else None
        strong = self.strong_pool.features if student is None else steady(student.represent, self.strong_pool)
        assert strong is not None, "the strong representation has been applied"
        evidence = replace(self.evidence, strong=strong, known=self.weak_train.read_by(student))
        return partition_of(detector.fit(sampled(evidence, self.fit_on), self.learners.probe), evidence)
