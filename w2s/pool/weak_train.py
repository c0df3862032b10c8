"""What weak_train's true labels tell, for detectors that ask: no pool label is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from w2s.pool.student_predictions import one_hot, predict_each
from w2s.protocols import Encoder, Fitted, Learner
from w2s.statistics.accuracy import confidence, correct, predicted
from w2s.statistics.held_out import cross_fitted
from w2s.types import BoolArray, Evidence, FloatArray, Inputs, IntArray, KnownLabels, KnownPoints

FOLDS = 5

Curve = tuple[FloatArray, FloatArray]
"""Ascending confidences, and the share of right predictions at each."""


@dataclass(frozen=True, eq=False)
class WeakTrain:
    """The m points of weak_train, read by both models, with their true labels; everything is computed when asked for."""

    weak: Inputs
    """As the weak model's representation reads them."""
    truth: FloatArray
    """(m, C) one-hot true labels, with which the weak model was trained."""
    weak_learner: Learner
    model: Fitted
    """The weak model."""
    inputs: Inputs
    """As they are in the data."""
    encoder: Encoder
    """The strong representation."""
    probe: Learner
    """Trains the students of a trial, on vectors."""
    labels: Literal["soft", "hard"] = "soft"
    """What these students learn from: weak probabilities, or the most probable classes."""
    seed: int = 0
    """Of the folds."""
    noise_fits: int = FOLDS
    """Weak models trained anew, each without one of five parts of the points."""

    @cached_property
    def strong(self) -> Inputs:
        """The points read by the strong representation (m, d)."""
        return self.inputs.with_features(self.encoder.encode(self.inputs))

    @cached_property
    def held_out(self) -> FloatArray:
        """(m, C) weak probabilities of each point by a weak model trained without it; NaN of points that all have seen."""
        fits = self.noise_fits
        return cross_fitted(self.weak_learner, self.weak, self.truth, seed=self.seed, folds=FOLDS, fits=fits)

    @cached_property
    def judged(self) -> IntArray:
        """Positions of the points that a weak model was trained without."""
        return np.flatnonzero(np.isfinite(self.held_out).all(axis=1))

    @cached_property
    def noise(self) -> NoiseEstimate:
        """How often the weak model errs at which confidence."""
        return NoiseEstimate.of(self.held_out[self.judged], self.truth[self.judged])

    @cached_property
    def gold(self) -> IntArray:
        """(m,) true classes, for trials."""
        return predicted(self.truth)

    @property
    def labels_used(self) -> int:
        """True labels that detectors and refiners have looked at so far: for the noise, in trials, or one by one."""
        return len(self.truth) if self.knows_noise or "gold" in vars(self) else 0

    @property
    def knows_noise(self) -> bool:
        """Whether the noise has been asked for."""
        return "noise" in vars(self)

    def error(self, probabilities: FloatArray) -> FloatArray:
        """(n,) estimated probability that the weak label of each point of these weak probabilities (n, C) is wrong."""
        return self.noise.error(probabilities)

    def points(self) -> KnownPoints:
        """The points with their true classes."""
        judged = self.judged
        return KnownPoints(self.model.represent(self.weak.take(judged)), self.held_out[judged], self.gold[judged])

    def read_by(self, student: Fitted | None) -> KnownLabels:
        """The same for detectors that read the representation of `student`, or the strong one."""
        return self if student is None else ReadByStudent(self, student)

    def trial(self, picks: Sequence[Evidence]) -> BoolArray:
        """(P, m) whether a student of the weak labels of each of P picks is right on each point."""
        return self.right(picks, self.strong)

    def right(self, picks: Sequence[Evidence], asked: Inputs) -> BoolArray:
        """As `trial`, with the points read as the picks are."""
        inputs = [Inputs(features=pick.strong) for pick in picks]
        answers = predict_each(self.probe, inputs, [targets_of(pick.probabilities, self.labels) for pick in picks], asked)
        return np.array([correct(answer, self.gold) for answer in answers]).reshape(len(picks), len(self.truth))


@dataclass(frozen=True, eq=False)
class ReadByStudent:
    """weak_train for detectors that read the representation of a student."""

    weak_train: WeakTrain
    student: Fitted

    def error(self, probabilities: FloatArray) -> FloatArray:
        """As weak_train's."""
        return self.weak_train.error(probabilities)

    def points(self) -> KnownPoints:
        """As weak_train's."""
        return self.weak_train.points()

    def trial(self, picks: Sequence[Evidence]) -> BoolArray:
        """As weak_train's."""
        strong = self.weak_train.strong
        return self.weak_train.right(picks, strong.with_features(self.student.represent(strong)))


@dataclass(frozen=True)
class NoiseEstimate:
    """How often the weak labels are wrong.

    The weak model is cross-fitted on its training points; among those it gives class k, being right is regressed on the
    confidence (isotonic, increasing), and other points of weak class k are read off that curve. A class that no held-out
    prediction names is read off the curve of all classes.
    """

    curves: dict[int, Curve]
    """Of each class that some held-out prediction names."""
    overall: Curve

    @staticmethod
    def fit(learner: Learner, train: Inputs, truth: FloatArray, *, seed: int, folds: int = FOLDS) -> NoiseEstimate:
        """Cross-fit the weak model's `learner` on weak_train, as its representation reads it, in at least 2 `folds`."""
        return NoiseEstimate.of(cross_fitted(learner, train, truth, seed=seed, folds=folds), truth)

    @staticmethod
    def of(held_out: FloatArray, truth: FloatArray) -> NoiseEstimate:
        """From held-out weak probabilities and one-hot true labels, both (m, C)."""
        classes = predicted(held_out)
        right = classes == predicted(truth)
        curves = {k: _curve(held_out, right, classes == k) for k in np.unique(classes).tolist()}
        return NoiseEstimate(curves, _curve(held_out, right, np.ones(len(right), dtype=np.bool_)))

    def error(self, probabilities: FloatArray) -> FloatArray:
        """(n,) in [0, 1] estimated probability that each weak label is wrong, for weak probabilities (n, C)."""
        classes, confidences = predicted(probabilities), confidence(probabilities)
        error = np.empty(len(probabilities))
        for k in np.unique(classes).tolist():
            known, shares = self.curves.get(k, self.overall)
            error[classes == k] = 1 - np.interp(confidences[classes == k], known, shares)
        return error


def targets_of(probabilities: FloatArray, labels: Literal["soft", "hard"]) -> FloatArray:
    """(n, C) what a student learns from weak probabilities (n, C)."""
    return probabilities if labels == "soft" else one_hot(predicted(probabilities), probabilities.shape[1])


def _curve(held_out: FloatArray, right: BoolArray, members: BoolArray) -> Curve:
    from sklearn.isotonic import IsotonicRegression

    fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(confidence(held_out[members]), right[members])
    return np.asarray(fit.X_thresholds_), np.asarray(fit.y_thresholds_)
