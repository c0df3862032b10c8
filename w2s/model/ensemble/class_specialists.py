"""A teacher for each group of classes, and one for all of them (co-supervised learning, Liu and Alahi, arXiv 2402.15505)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.errors import ConfigError
from w2s.identity import identity
from w2s.model.learner_setup import reads_other
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.protocols import Fitted, Learner
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs, Specialised
from w2s.utils.ranges import Fits, checked


@dataclass(frozen=True)
class FittedClassSpecialists:
    """A generalist, and M specialists that each know the classes of their group."""

    generalist: Fitted
    members: tuple[Fitted, ...]
    groups: IntArray
    """(C,) in {0 ... M - 1}: whose class each is."""

    @property
    def reads_inputs(self) -> bool:
        """Whether they read points as the data set gives them."""
        return reads_other(self.generalist)

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C): what each specialist says, weighed by the generalist's probability of its group."""
        said = self.generalist.predict(inputs)
        shares = said @ np.eye(len(self.members))[self.groups]  # (n, M)
        return np.asarray(np.einsum("nm,mnc->nc", shares, self.answers(inputs)))

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) as the generalist."""
        return self.generalist.represent(inputs)

    def answers(self, inputs: Inputs) -> FloatArray:
        """(M, n, C) what each specialist says, 0 for the classes of others."""
        found = np.zeros((len(self.members), len(inputs), len(self.groups)))
        for k, member in enumerate(self.members):
            found[k][:, self.groups == k] = member.predict(inputs)
        return found

    def specialised(self, inputs: Inputs) -> Specialised:
        """All that they say of n points, for who routes by a student's class."""
        return Specialised(self.answers(inputs), self.groups)


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class ClassSpecialists:
    """Each teacher learns from the points of its classes alone, one more from all points: its classes route new points.

    A group without a point to learn from is the generalist's.
    """

    uses_validation: ClassVar[bool] = False

    of: Learner
    n_teachers: Fits = 2
    """M: class k is of teacher k mod M; one teacher is the generalist alone."""
    groups: tuple[tuple[int, ...], ...] | None = None
    """In place of a number: the class codes of each group; every class is of one."""

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedClassSpecialists:
        """Train on n points.

        Raises:
            ConfigError: the groups are not all classes, each once.
        """
        answers = as_probabilities(targets)
        counts = None if weights is None else point_weights(weights, len(inputs))
        generalist = self.of.fit(inputs, answers, counts)
        groups, classes = self._groups(answers.shape[1]), predicted(answers)
        members: list[Fitted] = []
        for k in range(int(groups.max()) + 1):
            own, points = np.flatnonzero(groups == k), np.flatnonzero(groups[classes] == k)
            if len(own) == len(groups) or not len(points):
                members.append(Part(generalist, own))
                continue
            shares = answers[points][:, own]
            shares = shares / shares.sum(axis=1, keepdims=True)
            members.append(self.of.fit(inputs.take(points), shares, None if counts is None else counts[points]))
        return FittedClassSpecialists(generalist, tuple(members), groups)

    def _groups(self, n_classes: int) -> IntArray:
        if self.groups is None:
            return np.arange(n_classes) % min(self.n_teachers, n_classes)
        listed: Sequence[int] = [k for group in self.groups for k in group]
        if sorted(listed) != list(range(n_classes)) or not all(self.groups):
            raise ConfigError(
                f"weak_model.teachers.groups={[list(group) for group in self.groups]}: every class, 0 to {n_classes - 1}, "
                "belongs to one group, and no group is empty."
            )
        found = np.empty(n_classes, dtype=np.int64)
        for k, group in enumerate(self.groups):
            found[list(group)] = k
        return found


@dataclass(frozen=True)
class Part:
    """A model's answer among some of its classes."""

    whole: Fitted
    classes: IntArray
    """(c,) codes, ascending."""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, c) probabilities; equal ones where the whole excludes all of them."""
        said = self.whole.predict(inputs)[:, self.classes] + np.finfo(np.float64).tiny
        return np.asarray(said / said.sum(axis=1, keepdims=True))

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) as the whole."""
        return self.whole.represent(inputs)
