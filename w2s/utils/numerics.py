"""Sigmoids, softmaxes and their logarithms, which do not overflow; results have the precision of the logits."""

from __future__ import annotations

import numpy as np

from w2s.types import FloatArray


def sigmoid(logits: FloatArray) -> FloatArray:
    """1 / (1 + exp(-z)), elementwise."""
    from scipy.special import expit

    return np.asarray(expit(logits))


def softmax(logits: FloatArray) -> FloatArray:
    """(..., C) probabilities of (..., C) logits."""
    _, powers, total = _exponentials(logits)
    return np.asarray(powers / total)


def log_sum_exp(logits: FloatArray) -> FloatArray:
    """(...,) logarithm of the sum of exponentials of (..., C) logits."""
    largest, _, total = _exponentials(logits)
    return np.asarray((largest + np.log(total))[..., 0])


def softmax_and_log_sum(logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`softmax` and `log_sum_exp` from the same exponentials."""
    largest, powers, total = _exponentials(logits)
    return powers / total, (largest + np.log(total))[..., 0]


def _exponentials(logits: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The largest logits (..., 1), exponentials of what the logits are below them (..., C), and their sums (..., 1)."""
    largest = logits.max(axis=-1, keepdims=True)
    powers = np.exp(logits - largest)
    return largest, powers, powers.sum(axis=-1, keepdims=True)
