"""Teachers that all speak of every point.

How many of them speak is chosen on the validation points where these are given, which bear weak labels; else on a fifth of
the training points, after which all are trained on the whole. The best number is the smallest of the most accurate ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from w2s.identity import identity
from w2s.model.learner_setup import reads_other
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.protocols import Fitted, Learner
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import Fits, Seed, checked

HELD_OUT = 5
"""One of so many training points is held out where there are no validation points."""
SMALLEST = 1e-12


@dataclass(frozen=True)
class FittedTeachers:
    """M trained teachers."""

    members: tuple[Fitted, ...]
    weights: FloatArray
    """(M,) >= 0."""
    labels: Literal["mean", "vote"]

    @property
    def reads_inputs(self) -> bool:
        """Whether they read points as the data set gives them."""
        return reads_other(self.members[0])

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C): the weighted mean of their probabilities, or the weighted shares of their votes.

        Where they vote, the confidence that detectors read off this is how far they agree.
        """
        return combined([member.predict(inputs) for member in self.members], self.weights, self.labels)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) as the first teacher."""
        return self.members[0].represent(inputs)


def combined(answers: Sequence[FloatArray], weights: FloatArray, labels: Literal["mean", "vote"]) -> FloatArray:
    """(n, C) of M answers (n, C) with M weights."""
    said = [answer if labels == "mean" else np.eye(answer.shape[1])[predicted(answer)] for answer in answers]
    return np.asarray(np.average(said, axis=0, weights=weights))


def held_out(n: int, seed: int) -> tuple[IntArray, IntArray]:
    """Positions of the one in `HELD_OUT` of n points that judges, and of the rest."""
    order = generator(seed, "teachers", "held out").permutation(n)
    return order[: n // HELD_OUT], order[n // HELD_OUT :]


@dataclass(frozen=True, kw_only=True)
@checked
class _Teachers(ABC):
    """What all ensembles share."""

    of: Learner
    most: Fits = 20
    """Teachers at most."""
    labels: Literal["mean", "vote"] = "mean"
    """What they say together."""
    seed: Seed = 0
    uses_validation: bool = field(default=True, init=False)

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> FittedTeachers:
        """Train on n points; see the module for what `validation` decides."""
        answers, counts = as_probabilities(targets), point_weights(weights, len(inputs))
        held, rest = held_out(len(inputs), self.seed)
        if validation is None and len(held) and counts[rest].max() > 0:
            tuning = LabelledInputs(inputs.take(held), answers[held])
            chosen = self._trained(inputs.take(rest), answers[rest], counts[rest], tuning)
            again = self._members(inputs, answers, counts, most=len(chosen.members))
            return FittedTeachers(again.members, self._weights(again, chosen), self.labels)
        return self._trained(inputs, answers, counts, validation)

    def _trained(
        self, inputs: Inputs, targets: FloatArray, weights: FloatArray, tuning: LabelledInputs | None
    ) -> FittedTeachers:
        """As many of them as the tuning points find best; all without one."""
        found = self._members(inputs, targets, weights, most=self.most)
        return found if tuning is None else self._tuned(found, tuning)

    def _tuned(self, found: FittedTeachers, tuning: LabelledInputs) -> FittedTeachers:
        said, classes = [member.predict(tuning.inputs) for member in found.members], predicted(tuning.targets)
        right = [
            float(np.mean(predicted(combined(said[:m], found.weights[:m], self.labels)) == classes))
            for m in range(1, len(said) + 1)
        ]
        m = int(np.argmax(right)) + 1
        return FittedTeachers(found.members[:m], found.weights[:m], self.labels)

    def _weights(self, again: FittedTeachers, chosen: FittedTeachers) -> FloatArray:  # noqa: ARG002
        """Of the teachers trained again on all points."""
        return again.weights

    @abstractmethod
    def _members(self, inputs: Inputs, targets: FloatArray, weights: FloatArray, *, most: int) -> FittedTeachers:
        """At most `most` teachers of n points with targets (n, C) and weights (n,)."""


@identity()
@dataclass(frozen=True, kw_only=True)
class Bagging(_Teachers):
    """Each teacher learns from n points drawn with replacement (L. Breiman, Machine Learning 24, 1996)."""

    def _members(self, inputs: Inputs, targets: FloatArray, weights: FloatArray, *, most: int) -> FittedTeachers:
        members = []
        for k in range(most):
            draw = generator(self.seed, "bagging", k)
            picks = draw.choice(len(inputs), size=len(inputs), p=weights / weights.sum())
            members.append(self.of.fit(inputs.take(picks), targets[picks]))
        return FittedTeachers(tuple(members), np.ones(most), self.labels)


@identity()
@dataclass(frozen=True, kw_only=True)
class Boosting(_Teachers):
    """Each teacher weighs more what the ones before got wrong: AdaBoost, SAMME (J. Zhu et al., 2009).

    Teacher weight ln((1 - e) / e) + ln(C - 1), e its weighted error; the first one that is right on everything or no better
    than chance is the last. Needs a learner that takes weights of points.
    """

    labels: Literal["mean", "vote"] = "vote"

    def _members(self, inputs: Inputs, targets: FloatArray, weights: FloatArray, *, most: int) -> FittedTeachers:
        n_classes, classes = targets.shape[1], predicted(targets)
        counts = weights / weights.sum()
        members: list[Fitted] = []
        says: list[float] = []
        for _ in range(most):
            member = self.of.fit(inputs, targets, counts * len(counts))
            wrong = predicted(member.predict(inputs)) != classes
            error = float(np.sum(counts[wrong]))
            if members and error >= 1 - 1 / n_classes:
                break
            members.append(member)
            if error <= 0 or error >= 1 - 1 / n_classes:
                says.append(1.0)
                break
            says.append(float(np.log((1 - error) / error) + np.log(n_classes - 1)))
            counts = counts * np.exp(says[-1] * wrong)
            counts = counts / counts.sum()
        return FittedTeachers(tuple(members), np.array(says), self.labels)


@identity()
@dataclass(frozen=True, kw_only=True)
class LearnedWeights(Bagging):
    """Bagged teachers with the weights, on the simplex, that make the tuning points' labels likeliest: the mixture's EM.

    All of them speak, some with weight 0. Without anything held out all weights are equal.
    """

    rounds: Fits = 200
    """Of EM, whose minimum is that of projected gradient steps."""

    def _tuned(self, found: FittedTeachers, tuning: LabelledInputs) -> FittedTeachers:
        said = np.stack([member.predict(tuning.inputs) for member in found.members])  # (M, m, C)
        weights = np.full(len(said), 1 / len(said))
        for _ in range(self.rounds):
            mixed = np.maximum(np.tensordot(weights, said, axes=1), SMALLEST)
            weights = weights * np.mean(np.sum(tuning.targets * said / mixed, axis=2), axis=1)
            weights = weights / weights.sum()
        return FittedTeachers(found.members, weights, self.labels)

    def _weights(self, again: FittedTeachers, chosen: FittedTeachers) -> FloatArray:  # noqa: ARG002
        return chosen.weights
