"""How often the weak labels are wrong, from the weak model's own training points alone: no pool label is looked at."""

from __future__ import annotations

import numpy as np

from w2s.protocols import Learner
from w2s.seeding import generator
from w2s.statistics.accuracy import confidence, predicted
from w2s.types import BoolArray, FloatArray, Inputs, IntArray

FOLDS = 5


def estimated_error(
    learner: Learner, train: Inputs, truth: FloatArray, probabilities: FloatArray, *, seed: int, folds: int = FOLDS
) -> FloatArray:
    """(n,) in [0, 1] estimated probability that each pool point's weak label is wrong.

    The weak model is cross-fitted on its training points; among those it gives class k, being right is regressed on the
    confidence (isotonic, increasing), and the pool's points of weak class k are read off that curve. A class that no
    held-out prediction names is read off the curve of all classes.

    Args:
        learner: the weak model's.
        train: weak_train (m, .), as the weak model's representation reads it.
        truth: (m, C) one-hot true labels of these points, with which the weak model was trained.
        probabilities: (n, C) weak labels of the pool.
        seed: of the folds.
        folds: at least 2.
    """
    held_out = cross_fitted(learner, train, truth, seed=seed, folds=folds)
    right = predicted(held_out) == predicted(truth)
    curves = {k: _curve(held_out, right, predicted(held_out) == k) for k in np.unique(predicted(held_out)).tolist()}
    overall = _curve(held_out, right, np.ones(len(right), dtype=np.bool_))
    classes, confidences = predicted(probabilities), confidence(probabilities)
    error = np.empty(len(probabilities))
    for k in np.unique(classes).tolist():
        known, shares = curves.get(k, overall)
        error[classes == k] = 1 - np.interp(confidences[classes == k], known, shares)
    return error


def cross_fitted(learner: Learner, train: Inputs, truth: FloatArray, *, seed: int, folds: int) -> FloatArray:
    """(m, C) probabilities of each training point by the learner fitted on the other folds."""
    m, n_classes = truth.shape
    folds = min(folds, m)
    part: IntArray = generator(seed, "noise", "folds").permutation(m) % folds
    held_out = np.empty((m, n_classes))
    for fold in range(folds):
        fit_on, rest = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        fit_on = rest if len(fit_on) == 0 else fit_on
        held_out[rest] = learner.fit(train.take(fit_on), truth[fit_on]).predict(train.take(rest))
    return held_out


def _curve(held_out: FloatArray, right: BoolArray, members: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Ascending confidences and the share of right predictions at each, by isotonic regression."""
    from sklearn.isotonic import IsotonicRegression

    fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(confidence(held_out[members]), right[members])
    return np.asarray(fit.X_thresholds_), np.asarray(fit.y_thresholds_)
