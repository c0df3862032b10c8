"""Pieces that several scores share and that treat each point as its row: numbers drawn, nearest other rows, linear maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.types import Evidence, FloatArray, IntArray

NEAREST_BLOCK = 1024


def row_uniform(evidence: Evidence, *, salt: int) -> FloatArray:
    """(n,) in [0, 1), random but fixed for each point."""
    return np.asarray(evidence.salted_keys(salt).astype(np.float64) / 2.0**64)


@dataclass(frozen=True)
class NearestNeighbours:
    """Searches m reference points in the strong representation; a point's own row and its duplicates are left out."""

    strong: FloatArray
    """(m, d)"""
    keys: IntArray
    """(m,) hash of each reference point, see `Evidence.keys`."""
    k: int
    """Neighbours sought, >= 1."""

    @staticmethod
    def among(references: Evidence, k: int) -> NearestNeighbours:
        """The search for min(k, m) of these m points."""
        return NearestNeighbours(references.strong, references.keys, min(k, len(references)))

    def search(self, points: Evidence) -> tuple[IntArray, FloatArray]:
        """The k nearest other reference points of each of n points.

        Returns:
            (n, k) positions among the references, and (n, k) Euclidean distances; infinite where there are fewer than k.
        """
        own, squares = points.keys, np.sum(self.strong**2, axis=1)
        index, distance = np.empty((len(points), self.k), dtype=np.int64), np.empty((len(points), self.k))
        for start in range(0, len(points), NEAREST_BLOCK):
            block = slice(start, start + NEAREST_BLOCK)
            rows = points.strong[block]
            squared = squares - 2 * rows @ self.strong.T + np.sum(rows**2, axis=1)[:, None]
            squared = np.where(own[block][:, None] == self.keys, np.inf, np.maximum(squared, 0.0))
            index[block] = np.argpartition(squared, self.k - 1, axis=1)[:, : self.k]
            distance[block] = np.sqrt(np.take_along_axis(squared, index[block], axis=1))
        return index, distance


@dataclass(frozen=True)
class LinearMap:
    """x -> ((x - centre) * scale) @ weights + mean."""

    centre: FloatArray
    """(d,)"""
    scale: FloatArray
    """(d,) one over the deviation of each column; 0 for a constant one."""
    weights: FloatArray
    """(d, q)"""
    mean: FloatArray
    """(q,)"""

    @staticmethod
    def fit(inputs: FloatArray, targets: FloatArray, *, ridge: float) -> LinearMap:
        """The least-squares map with intercept from (n, d) inputs to (n, q) targets.

        Args:
            inputs: (n, d); columns are centred and brought to unit variance, constant ones are left out by their zeros.
            targets: (n, q).
            ridge: penalty in units of n; 0 is the minimum-norm least-squares fit.
        """
        centre, spread = inputs.mean(axis=0, dtype=np.float64), inputs.std(axis=0, dtype=np.float64)
        varies = spread > 1e-12 * np.maximum(np.abs(centre), 1e-300)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=varies)
        z, mean = (inputs - centre) * scale, targets.mean(axis=0)
        gram, moment = z.T @ z, z.T @ (targets - mean)
        if ridge > 0:
            weights = np.linalg.solve(gram + ridge * len(z) * np.eye(len(gram)), moment)
        else:
            weights = np.linalg.lstsq(gram, moment, rcond=1e-10)[0]
        return LinearMap(centre, scale, weights, mean)

    def predict(self, rows: FloatArray) -> FloatArray:
        """(m, q) the map of any (m, d) rows."""
        return np.asarray(((rows - self.centre) * self.scale) @ self.weights + self.mean)
