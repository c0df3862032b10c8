"""The weak model, trained on weak_train and asked about the other points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from w2s.model.ensemble import FittedClassSpecialists, FittedSpecialists, FittedTeachers
from w2s.model.model import FittedModel
from w2s.model.self_confidence import TIE, Estimating, ReadBeside, Reader, says_classes_alone
from w2s.pool.encoded_splits import encoded, trace
from w2s.pool.student_predictions import one_hot
from w2s.protocols import Encoder, Fitted, Learner, ReadsColumn, Representation, TrainsRepresentation
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import auc, confidence, correct, predicted
from w2s.types import FloatArray, Inputs, Specialised, Split
from w2s.utils.numerics import steady

OPINIONS = ("votes", "predictions")
"""Columns of what somebody says of the points: not learned from weak_train."""


@dataclass(frozen=True)
class WeakView:
    """The trained weak model's view of some points."""

    probabilities: FloatArray
    """(n, C)"""
    features: FloatArray
    """(n, e)"""
    teachers: Specialised | None = None
    """What several teachers of some classes each say of the pool."""


@dataclass(frozen=True)
class WeakModel:
    """The trained weak model, and what it was trained on."""

    encoder: Encoder
    learner: Learner
    fitted: Fitted
    train: Inputs
    """weak_train as the learner reads it."""
    truth: FloatArray
    """(m, C) one-hot labels of weak_train."""
    others: tuple[Inputs, ...]
    """The pool and the further splits, as the fitted model reads them."""
    unsure: bool = False
    """Whether its labels are classes alone, and nothing is there to estimate a confidence from."""

    @staticmethod
    def train_on(
        representation: Representation, learner: Learner, weak_train: Split, others: Sequence[Split], n_classes: int
    ) -> WeakModel:
        """Train it; `others` begin with the pool.

        The confidence of opinions that name a class and no more is estimated, see `w2s.model.self_confidence`.
        """
        truth = one_hot(weak_train.truth("training of the weak model"), n_classes)
        plain = WeakModel._trained(representation.fit(weak_train.inputs), learner, weak_train, others, truth)
        if not (isinstance(representation, ReadsColumn) and representation.reads in OPINIONS and len(others[0])):
            return plain
        said = plain.fitted.predict(plain.others[0])
        if not says_classes_alone(said):
            return plain
        features = plain.others[0].features
        assert features is not None, "opinions are encoded"
        named = np.flatnonzero(features.any(axis=1))
        reader = Reader.fit(others[0].inputs.take(named), predicted(said)[named], n_classes)
        if reader is None:
            return replace(plain, unsure=True)
        weighs = not says_classes_alone(said[named][confidence(said[named]) > TIE], levels=1)
        estimating = Estimating(learner, weighs=weighs)
        return WeakModel._trained(ReadBeside(plain.encoder, reader), estimating, weak_train, others, truth)

    @staticmethod
    def _trained(
        encoder: Encoder, learner: Learner, weak_train: Split, others: Sequence[Split], truth: FloatArray
    ) -> WeakModel:
        splits = (weak_train, *others)
        trains_network = isinstance(learner, TrainsRepresentation)  # it reads the texts themselves
        train, *rest = [each.inputs for each in splits] if trains_network else encoded(encoder, *splits)
        return WeakModel(encoder, learner, learner.fit(train, truth), train, truth, tuple(rest))

    def views(self) -> list[WeakView]:
        """Of the pool and the further splits."""
        asked = self.fitted
        views = [WeakView(steady(asked.predict, points), steady(asked.represent, points)) for points in self.others]
        if isinstance(asked, FittedClassSpecialists):
            views[0] = replace(views[0], teachers=asked.specialised(self.others[0]))
        return views

    def tell(self, recorder: Recorder) -> None:
        """Put on record what it is, and note where its confidence was estimated, or could not be.

        With an estimate the note says how well that ranks weak_train's right labels.
        """
        trace("weak checkpoint", self.encoder, recorder)
        if isinstance(self.fitted, FittedTeachers | FittedSpecialists | FittedClassSpecialists):
            recorder.fact("teachers", len(self.fitted.members))
        recorder.fitted("weak_model", FittedModel.to_save(self.encoder, self.fitted))
        if self.unsure:
            recorder.note(
                "The weak labels are classes alone, with no texts, pictures or feature columns to estimate confidence from."
            )
        if isinstance(self.encoder, ReadBeside):
            found = self.fitted.predict(self.train)
            area = auc(confidence(found), correct(found, predicted(self.truth)))
            ranks = "" if area is None else f"; right labels of weak_train rank above wrong ones with AUC {area:.2f}"
            recorder.note(
                "Confidence is estimated, as the weak labels are classes alone: how likely a linear model of "
                f"{self.encoder.reader.what} finds each, trained on those of other points{ranks}."
            )
