"""Held-out predictions of weak labels from the strong representation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from w2s.protocols import Fitted, Learner
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.types import Evidence, FloatArray, Inputs, IntArray
from w2s.utils.numerics import steady

CLIP = 1e-6
"""Probabilities are kept this far from 0 and 1 before a logit is taken."""


@dataclass(frozen=True)
class CrossFit:
    """Class-balanced probes cross-fitted on weak labels: `folds` parts, `repeats` times."""

    models: tuple[Fitted, ...]
    keys: IntArray
    """(m,) ascending hashes of the points fitted on, see `Evidence.keys`."""
    held_out: FloatArray
    """(m, C) mean logit of each of these points, by the models that did not see it."""

    def logits(self, points: Evidence) -> FloatArray:
        """(n, C) log p_k / (1 - p_k): held out for the points fitted on, the mean of all models for others."""
        keys = points.keys
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[place] == keys
        result = self.held_out[place]
        if not known.all():
            inputs = Inputs(features=points.strong[~known])
            result[~known] = np.mean([logit(steady(model.predict, inputs)) for model in self.models], axis=0)
        return result


def cross_fit(
    evidence: Evidence, probe: Learner, *, folds: int, repeats: int, labels: Literal["hard", "soft"] = "hard"
) -> CrossFit:
    """Fit `probe` on the weak labels of all parts but one, in turn. Equal points share a part.

    Parts are drawn over the points in their order, never over their hashes: rounding moves no point to another part.

    Classes are balanced by repeating points of the rarer ones. Fewer than 2 distinct points leave nothing to hold out.
    """
    classes = predicted(evidence.probabilities)
    n_classes = evidence.probabilities.shape[1]
    targets = evidence.probabilities if labels == "soft" else np.eye(n_classes)[classes]
    keys, first, member = np.unique(evidence.keys, return_index=True, return_inverse=True)
    appearance = np.argsort(np.argsort(first))[member]  # equal points are numbered together, as they first appear
    inputs = Inputs(features=evidence.strong)
    models: list[Fitted] = []
    total = np.zeros((len(keys), n_classes))
    for repeat in range(repeats):
        draw = generator(evidence.seed, "cross-fit", repeat)
        part = (draw.permutation(len(keys)) % min(folds, len(keys)))[appearance]
        for fold in np.unique(part):
            train, rest = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
            train = rest if len(train) == 0 else train
            chosen = train[balancing(classes[train], draw)]
            models.append(probe.fit(inputs.take(chosen), targets[chosen]))
            total[member[rest]] += logit(models[-1].predict(inputs.take(rest)))
    return CrossFit(tuple(models), keys, total / repeats)


def balancing(labels: IntArray, draw: np.random.Generator) -> IntArray:
    """Positions in which every class present among (n,) `labels` comes equally often; each point at least once."""
    present, counts = np.unique(labels, return_counts=True)
    picks = []
    for k, count in zip(present, counts, strict=True):
        members = np.flatnonzero(labels == k)
        times, left = divmod(int(counts.max()), int(count))
        picks += [np.repeat(members, times), draw.permutation(members)[:left]]
    return np.concatenate(picks)


def logit(probabilities: FloatArray) -> FloatArray:
    """(n, C) log p / (1 - p), finite."""
    p = np.clip(probabilities, CLIP, 1 - CLIP)
    return np.asarray(np.log(p / (1 - p)))
