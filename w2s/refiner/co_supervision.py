"""Which of several specialised teachers labels a point, by what a student says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from w2s.identity import identity
from w2s.protocols import PoolView
from w2s.refiner.base import Opinion
from w2s.refiner.probes import ProbeOpinion
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, Refined
from w2s.utils.ranges import Fits, checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class CoSupervised:
    """The teacher of the class that a student gives a point labels it; the next student learns from these labels.

    Co-supervised learning (Liu and Alahi, arXiv 2402.15505): assignment and filter by turns. A label that is not among the
    student's `top` classes is dropped. Students are cross-fitted probes. A single teacher's labels are filtered only.
    """

    rounds: Fits = 2
    """Students before the last, which filters."""
    top: Fits = 3
    """Likeliest classes of the last student, among which a label that is kept lies; at most C - 1."""
    opinion: Opinion = field(default_factory=ProbeOpinion)

    def refine(self, view: PoolView, targets: FloatArray) -> Refined:
        """Other labels, and fewer points."""
        labels, points = targets, np.arange(len(targets))
        for _ in range(self.rounds if view.teachers is not None else 0):
            assert view.teachers is not None, "asked above"
            place = view.teachers.groups[predicted(self.opinion.labels(view, labels))]
            labels = view.teachers.answers[place, points]
        said = self.opinion.labels(view, labels)
        above = np.sum(said > said[points, predicted(labels)][:, None], axis=1)
        return Refined(labels, kept=above < min(self.top, said.shape[1] - 1))
