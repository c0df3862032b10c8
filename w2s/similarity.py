"""Similarity of points to a set of reference points, in blocks: memory stays at the inputs plus a fixed buffer."""

from __future__ import annotations

import numpy as np

from w2s.types import FloatArray

BLOCK_FLOATS = 4_000_000
"""Similarities held at once."""


def unit_rows(rows: FloatArray) -> FloatArray:
    """(n, d) rows scaled to length 1; a zero row stays zero, so that its cosine to anything is 0."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


def max_abs_cosine(points: FloatArray, references: FloatArray) -> FloatArray:
    """(n,) in [0, 1]: max over references z of |cos(x, z)|, for points (n, d) and references (r, d), r >= 1."""
    points, references = unit_rows(points), unit_rows(references)
    rows = max(1, BLOCK_FLOATS // max(len(references), 1))
    score = np.empty(len(points), dtype=np.float64)
    for start in range(0, len(points), rows):
        block = points[start : start + rows] @ references.T
        np.abs(block, out=block)
        score[start : start + rows] = block.max(axis=1)
    return score
