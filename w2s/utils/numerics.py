"""Softmax in the precision of the logits, without overflow."""

from __future__ import annotations

import numpy as np

from w2s.types import FloatArray


def softmax(logits: FloatArray) -> FloatArray:
    """(..., C) probabilities of (..., C) logits."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
