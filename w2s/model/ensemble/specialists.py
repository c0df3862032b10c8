"""A teacher for each part of the features."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from w2s.identity import identity
from w2s.model.ensemble.bagging_boosting import held_out
from w2s.model.representation import features_of
from w2s.model.training_targets import as_probabilities, point_weights
from w2s.protocols import Fitted, Learner
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import Fits, Seed, checked


@dataclass(frozen=True)
class FittedSpecialists:
    """M teachers, each for the points nearest to its centre."""

    members: tuple[Fitted, ...]
    centres: FloatArray
    """(M, d)"""

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) by each point's own teacher."""
        place = self._place(inputs)
        answers = np.stack([member.predict(inputs) for member in self.members])
        return np.asarray(answers[place, np.arange(len(place))])

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, d) as the first teacher."""
        return self.members[0].represent(inputs)

    def _place(self, inputs: Inputs) -> IntArray:
        squares = np.sum(self.centres**2, axis=1) - 2 * features_of(inputs) @ self.centres.T
        return np.asarray(np.argmin(squares, axis=1))


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Specialists:
    """A teacher for each part of the features that k-means finds; one teacher for all where parts do not help.

    Parts of the input need no student, and serve two classes; teachers of classes are `ClassSpecialists`.
    """

    of: Learner
    most: Fits = 8
    """Parts at most: 1, 2, 4 ... of them are tried."""
    seed: Seed = 0
    uses_validation: bool = field(default=True, init=False)

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> FittedSpecialists:
        """Train on n points; see the module for what `validation` decides."""
        answers, counts = as_probabilities(targets), point_weights(weights, len(inputs))
        given = None if weights is None else counts
        held, rest = held_out(len(inputs), self.seed)
        own = validation is None and len(held) > 0
        tuning = LabelledInputs(inputs.take(held), answers[held]) if own else validation
        if tuning is None:
            return self._parts(inputs, answers, given, 1)
        used = rest if own else np.arange(len(inputs))
        tried = [2**k for k in range(self.most.bit_length()) if 2**k <= min(self.most, len(used))]
        part = None if given is None else given[used]
        fits = [self._parts(inputs.take(used), answers[used], part, k) for k in tried]
        right = [np.mean(predicted(each.predict(tuning.inputs)) == predicted(tuning.targets)) for each in fits]
        best = int(np.argmax(right))
        return self._parts(inputs, answers, given, tried[best]) if own else fits[best]

    def _parts(self, inputs: Inputs, targets: FloatArray, weights: FloatArray | None, k: int) -> FittedSpecialists:
        from sklearn.cluster import KMeans

        found = KMeans(k, n_init=3, random_state=self.seed % 2**32).fit(features_of(inputs))
        members = []
        for part in range(k):
            own = np.flatnonzero(found.labels_ == part)
            own = own if len(own) else np.arange(len(inputs))
            members.append(self.of.fit(inputs.take(own), targets[own], None if weights is None else weights[own]))
        return FittedSpecialists(tuple(members), np.asarray(found.cluster_centers_, dtype=np.float64))
