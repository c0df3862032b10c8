"""Students trained on points and asked about others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from w2s.protocols import BatchLearner, Learner
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs


def predict_each(
    learner: Learner,
    inputs: Sequence[Inputs],
    targets: Sequence[FloatArray],
    asked: Inputs,
    validation: LabelledInputs | None = None,
    weights: Sequence[FloatArray] | None = None,
) -> Iterator[FloatArray]:
    """(m, C) probabilities of the points `asked` by a student of each of the inputs and their targets (n, C).

    Students are trained side by side by a learner that can, which watches no validation points; else one after the other,
    and each is gone before the next one is trained.
    """
    if isinstance(learner, BatchLearner):
        yield from map(lambda student: student.predict(asked), learner.fit_many(inputs, targets, weights))
    else:
        for k, (points, target) in enumerate(zip(inputs, targets, strict=True)):
            weight = None if weights is None else weights[k]
            yield learner.fit(points, target, weights=weight, validation=validation).predict(asked)


def one_hot(classes: IntArray, n_classes: int) -> FloatArray:
    """(n, C) with a 1 at each point's class."""
    return np.eye(n_classes)[classes]
