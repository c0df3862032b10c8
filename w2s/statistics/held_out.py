"""What a learner says of points that it has not been trained on."""

from __future__ import annotations

import numpy as np

from w2s.protocols import Learner
from w2s.seeding import generator
from w2s.types import FloatArray, Inputs, IntArray


def cross_fitted(
    learner: Learner,
    inputs: Inputs,
    targets: FloatArray,
    *,
    seed: int,
    folds: int,
    fits: int | None = None,
    stream: str = "noise",
) -> FloatArray:
    """(m, C) probabilities of each point by the learner fitted on the other folds; NaN of points that no fit left out.

    Args:
        learner: what is fitted.
        inputs: m points.
        targets: (m, C) probabilities.
        seed: of the folds.
        folds: parts, each held out once; at most m. A single point is fitted on itself.
        fits: folds that are held out, at most; None: all of them.
        stream: whose random stream deals the folds.
    """
    m, n_classes = targets.shape
    folds = min(folds, m)
    part: IntArray = generator(seed, stream, "folds").permutation(m) % max(folds, 1)
    held_out = np.full((m, n_classes), np.nan)
    for fold in range(folds if fits is None else min(folds, fits)):
        fit_on, rest = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        fit_on = rest if len(fit_on) == 0 else fit_on
        held_out[rest] = learner.fit(inputs.take(fit_on), targets[fit_on]).predict(inputs.take(rest))
    return held_out
