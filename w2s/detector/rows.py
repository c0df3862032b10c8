"""Pieces that treat a point as its row: names for rows, numbers drawn per row, nearest other rows, linear fits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from w2s.types import Evidence, FloatArray, IntArray

NEAREST_BLOCK = 1024


def row_keys(evidence: Evidence, *, salt: int = 0) -> IntArray:
    """(n,) a 64-bit name of what is known of each point: equal for equal points, whatever their company."""
    rows = [np.ascontiguousarray(part) for part in (evidence.strong, evidence.weak, evidence.probabilities)]
    digests = [
        hashlib.blake2b(
            b"".join(part[i].tobytes() for part in rows), digest_size=8, salt=salt.to_bytes(16, "little")
        ).digest()
        for i in range(len(evidence))
    ]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def row_uniform(evidence: Evidence, *, salt: int) -> FloatArray:
    """(n,) in [0, 1), random but fixed for each point."""
    return np.asarray(row_keys(evidence, salt=salt).astype(np.float64) / 2.0**64)


def nearest_others(points: Evidence, references: Evidence, k: int) -> tuple[IntArray, FloatArray]:
    """The k nearest reference points of each point in the strong representation, itself and its duplicates left out.

    Returns:
        (n, k) positions among the references, and (n, k) Euclidean distances; infinite where there are fewer than k.
    """
    k = min(k, len(references))
    own, others = row_keys(points), row_keys(references)
    squares = np.sum(references.strong**2, axis=1)
    index, distance = np.empty((len(points), k), dtype=np.int64), np.empty((len(points), k))
    for start in range(0, len(points), NEAREST_BLOCK):
        block = slice(start, start + NEAREST_BLOCK)
        rows = points.strong[block]
        squared = squares - 2 * rows @ references.strong.T + np.sum(rows**2, axis=1)[:, None]
        squared = np.where(own[block][:, None] == others, np.inf, np.maximum(squared, 0.0))
        index[block] = np.argpartition(squared, k - 1, axis=1)[:, :k]
        distance[block] = np.sqrt(np.take_along_axis(squared, index[block], axis=1))
    return index, distance


def fit_linear(inputs: FloatArray, targets: FloatArray, *, ridge: float) -> Callable[[FloatArray], FloatArray]:
    """A least-squares map from (n, d) inputs to (n, q) targets, with intercept, as a function of any (m, d) inputs.

    Args:
        inputs: (n, d); columns are centred and brought to unit variance, constant ones are left out by their zeros.
        targets: (n, q).
        ridge: penalty in units of n; 0 is the minimum-norm least-squares fit.
    """
    centre, spread = inputs.mean(axis=0, dtype=np.float64), inputs.std(axis=0, dtype=np.float64)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-12 * np.maximum(np.abs(centre), 1e-300))
    z, mean = (inputs - centre) * scale, targets.mean(axis=0)
    gram, moment = z.T @ z, z.T @ (targets - mean)
    if ridge > 0:
        weights = np.linalg.solve(gram + ridge * len(z) * np.eye(len(gram)), moment)
    else:
        weights = np.linalg.lstsq(gram, moment, rcond=1e-10)[0]
    return lambda rows: np.asarray(((rows - centre) * scale) @ weights + mean)
