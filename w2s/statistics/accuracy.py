"""Scores of predicted probabilities (n, C) against true classes (n,)."""

from __future__ import annotations

import numpy as np

from w2s.types import BoolArray, FloatArray, IntArray


def confidence(probabilities: FloatArray) -> FloatArray:
    """(n,) in [0, 1]: top-1 minus top-2 probability of (n, C). With two classes 2 |p - .5| (paper, section 3)."""
    top = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(top[:, 1] - top[:, 0])


def predicted(probabilities: FloatArray) -> IntArray:
    """(n,) the most probable class of (n, C); the lowest class on ties."""
    return np.asarray(np.argmax(probabilities, axis=1))


def correct(probabilities: FloatArray, labels: IntArray) -> BoolArray:
    """(n,) whether the most probable class is the true one."""
    return np.asarray(predicted(probabilities) == labels)


def auroc(probabilities: FloatArray, labels: IntArray) -> float | None:
    """Area under the ROC curve in [0, 1], ties counted half; macro one-against-rest beyond two classes.

    None where fewer than two classes are present among `labels`.
    """
    present = np.unique(labels)
    if len(present) < 2:
        return None
    n_classes = probabilities.shape[1]
    if n_classes == 2:
        return auc(probabilities[:, 1], labels == 1)
    areas = [auc(probabilities[:, k], labels == k) for k in present]
    return float(np.mean([area for area in areas if area is not None]))


def auc(score: FloatArray, positive: BoolArray) -> float | None:
    """P(a positive scores above a negative), ties counted half; None without both kinds."""
    from scipy.stats import rankdata

    n_positive = int(np.sum(positive))
    n_negative = len(positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return None
    ranks = rankdata(score)
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def calibration_error(probabilities: FloatArray, labels: IntArray, bins: int = 15) -> float:
    """Expected calibration error in [0, 1]: mean distance of top probability and accuracy over equal-width bins of it.

    Each bin counts by its points (C. Guo et al., "On calibration of modern neural networks", ICML 2017, eq. 3).

    Args:
        probabilities: (n, C).
        labels: (n,) true classes.
        bins: of the top probability in [0, 1].
    """
    sure, right = probabilities.max(axis=1), correct(probabilities, labels)
    place = np.minimum((sure * bins).astype(int), bins - 1)
    distance = np.bincount(place, weights=right - sure, minlength=bins)
    return float(np.abs(distance).sum() / len(sure))


def predicted_at_prior(probabilities: FloatArray, prior: FloatArray) -> IntArray:
    """(n,) classes assigned so that their shares are those of `prior` (C,), the surest points first.

    With two classes this is the threshold at the prior's quantile: it takes a wrong intercept out of the accuracy.
    """
    n, n_classes = probabilities.shape
    room = np.floor(prior * n).astype(int)
    room[np.argsort(-(prior * n - room), kind="stable")[: n - room.sum()]] += 1
    classes = np.full(n, -1)
    for pair in np.argsort(-probabilities, axis=None, kind="stable"):
        point, k = divmod(int(pair), n_classes)
        if classes[point] < 0 and room[k] > 0:
            classes[point] = k
            room[k] -= 1
    return classes


def accuracy_at_prior(probabilities: FloatArray, labels: IntArray, prior: FloatArray) -> float:
    """Accuracy in [0, 1] of `predicted_at_prior`."""
    return float(np.mean(predicted_at_prior(probabilities, prior) == labels))


def class_shares(labels: IntArray, n_classes: int) -> FloatArray:
    """(C,) share of each class."""
    return np.bincount(labels, minlength=n_classes) / max(len(labels), 1)


def precision_recall_f1(found: BoolArray, true: BoolArray) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1 of n points found (n,) against those that are there (n,); None of nothing."""
    both, n_found, n_true = (float(np.sum(members)) for members in (found & true, found, true))
    return (
        both / n_found if n_found else None,
        both / n_true if n_true else None,
        2 * both / (n_found + n_true) if n_found + n_true else None,
    )
