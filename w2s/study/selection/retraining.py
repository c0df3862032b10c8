"""Students trained again and again as points are bought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.pool.pool import PreparedPool
from w2s.protocols import Fitted, IncrementalFit, IncrementalLearner, Learner
from w2s.study.selection.purchases import Trace
from w2s.types import BoolArray, FloatArray, IntArray
from w2s.utils.progress import track


@dataclass(frozen=True)
class Refit:
    """Trains from scratch each time: for learners without a faster way."""

    prepared: PreparedPool
    learner: Learner

    def fit(self, index: IntArray) -> Fitted:
        """The strong model trained on the pool points at `index`."""
        return self.prepared.fit(index, self.learner)


def incremental_fit(prepared: PreparedPool, learner: Learner) -> IncrementalFit:
    """The learner's own way to train on a growing set, else `Refit`."""
    plain = prepared.weights is None and prepared.kept is None
    found = None
    if plain and isinstance(learner, IncrementalLearner):
        found = learner.incremental(prepared.strong_pool, prepared.targets)
    return found or Refit(prepared, learner)


def correctness_by_round(
    prepared: PreparedPool, learner: Learner, trace: Trace, *, only_overlap: bool, every: int = 1
) -> list[BoolArray | None]:
    """For each round (n,) whether the student is right on the test points; None while it has nothing to learn from.

    A student is trained in the last round and, going back from it, in each `every`-th; None in the others.
    """
    points, kept = trace.points, _learned_from(prepared, trace, only_overlap=only_overlap)
    students = incremental_fit(prepared, learner)
    found: list[BoolArray | None] = []
    stops = np.cumsum(trace.sizes).tolist()
    for i, stop in enumerate(track(stops, "selection, rounds", total=len(stops))):
        trains = (len(stops) - 1 - i) % every == 0
        training = points[:stop][kept[:stop] & trains]
        found.append(prepared.right_on_test(students.fit(training)) if len(training) else None)
    return found


def final_correctness(prepared: PreparedPool, learner: Learner, trace: Trace, *, only_overlap: bool) -> BoolArray | None:
    """(n,) whether the student trained on everything bought is right on the test points."""
    training = trace.points[_learned_from(prepared, trace, only_overlap=only_overlap)]
    if len(training) == 0:
        return None
    return prepared.right_on_test(prepared.fit(training, learner))


def _learned_from(prepared: PreparedPool, trace: Trace, *, only_overlap: bool) -> BoolArray:
    """(n,) which of the points bought a student learns from: a point that the refiner dropped costs, and teaches nothing."""
    wanted: BoolArray = trace.overlap | (not only_overlap)
    return wanted if prepared.kept is None else wanted & prepared.kept[trace.points]


def accuracies(right: list[BoolArray | None]) -> FloatArray:
    """(T,) accuracy of each round; NaN where there is no student."""
    return np.array([np.nan if each is None else float(np.mean(each)) for each in right])
