"""Similarity of points to a set of reference points, in blocks: memory stays at the inputs plus a fixed buffer.

The product of a block is aggregated while it is still in the cache. Soft maxima are log-mean-exp; the mean of the k
largest is kept as k running candidates per point, against which a new block only has to be compared.

Large work on a machine with a GPU goes through torch (`kernels_gpu`). torch's CPU device does not replace this module: its
import alone takes 1.8 s of processor time, and in blocks of the same size 20,000 x 5,000 cosines of 384 numbers take 1.08
(max), 1.05 (mean), 0.97 (soft_max) and 1.28 (top) times as long on one core, with other last bits.
"""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np

from w2s.detector.similarity_gpu import accelerator, similarity_on
from w2s.types import FloatArray

Kernel = Literal["cosine", "abs_cosine", "product"]
Aggregate = Literal["max", "mean", "top", "soft_max"]

BLOCK_POINTS = 512
BLOCK_REFERENCES = 1024
"""A block of float32 similarities is 2 MB."""
GROUP = 16
MILD = 40.0
"""Up to this sharpness, exponentials of cosines and their sums stay within float32."""


def unit_rows(rows: FloatArray) -> FloatArray:
    """(n, d) rows scaled to length 1; a zero row stays zero, so that its cosine to anything is 0."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


def similarity(
    points: FloatArray,
    references: FloatArray,
    *,
    kernel: Kernel = "abs_cosine",
    aggregate: Aggregate = "max",
    k: int = 10,
    sharpness: float = 10.0,
) -> FloatArray:
    """(n,) aggregated similarity of points (n, d) to references (r, d), r >= 1; large work uses a CUDA device, if any.

    Args:
        points: (n, d), finite, float32 or float64; the products are taken in this precision.
        references: (r, d), of the same type.
        kernel: cosine in [-1, 1], its absolute value in [0, 1], or the raw product.
        aggregate: over the references: maximum, mean, mean of the `k` largest, or
            log(mean(exp(sharpness s))) / sharpness.
        k: for `top`; all references where r < k.
        sharpness: for `soft_max`.
    """
    if kernel != "product":
        points, references = unit_rows(points), unit_rows(references)
    device = accelerator(float(len(points)) * references.size)
    if device is not None:
        k, absolute = min(k, len(references)), kernel == "abs_cosine"
        return similarity_on(device, points, references, absolute=absolute, aggregate=aggregate, k=k, sharpness=sharpness)
    bounded = kernel != "product"
    score = np.empty(len(points), dtype=np.float64)
    block = np.empty((min(BLOCK_POINTS, len(points)), min(BLOCK_REFERENCES, len(references))), dtype=points.dtype)
    for start in range(0, len(points), BLOCK_POINTS):
        rows = points[start : start + BLOCK_POINTS]
        total = _aggregator(aggregate, len(rows), k=min(k, len(references)), sharpness=sharpness, bounded=bounded)
        for first in range(0, len(references), BLOCK_REFERENCES):
            columns = references[first : first + BLOCK_REFERENCES]
            product = np.matmul(rows, columns.T, out=block[: len(rows), : len(columns)])
            if kernel == "abs_cosine":
                np.abs(product, out=product)
            total.add(product)
        score[start : start + BLOCK_POINTS] = total.result(len(references))
    return score


class _Total(Protocol):
    """An aggregate of n points over the references seen so far."""

    def add(self, block: FloatArray) -> None:
        """Take (n, r) similarities to r more references; the block may be overwritten."""

    def result(self, n_references: int) -> FloatArray:
        """(n,) over all `n_references`."""


class _Max:
    def __init__(self, n: int) -> None:
        self.best = np.full(n, -np.inf)

    def add(self, block: FloatArray) -> None:
        np.maximum(self.best, block.max(axis=1), out=self.best)

    def result(self, n_references: int) -> FloatArray:
        return self.best


class _Mean:
    def __init__(self, n: int) -> None:
        self.sum = np.zeros(n)

    def add(self, block: FloatArray) -> None:
        self.sum += block.sum(axis=1)

    def result(self, n_references: int) -> FloatArray:
        return self.sum / n_references


class _MildSoftMax:
    """Plain sums of exponentials, for values in [-1, 1] and a sharpness up to `MILD`."""

    def __init__(self, n: int, sharpness: float) -> None:
        self.sharpness = sharpness
        self.sum = np.zeros(n)

    def add(self, block: FloatArray) -> None:
        block *= self.sharpness
        np.exp(block, out=block)
        self.sum += block.sum(axis=1)

    def result(self, n_references: int) -> FloatArray:
        return np.asarray(np.log(self.sum / n_references) / self.sharpness)


class _SoftMax:
    """Sums of exponentials relative to the largest value so far, so that raw products cannot overflow."""

    def __init__(self, n: int, sharpness: float) -> None:
        self.sharpness = sharpness
        self.largest = np.full(n, -np.inf)
        self.sum = np.zeros(n)

    def add(self, block: FloatArray) -> None:
        """Rescale the sums where a larger value comes."""
        largest = np.maximum(self.largest, block.max(axis=1))
        self.sum *= np.exp(self.sharpness * (self.largest - largest))
        self.largest = largest
        block -= largest[:, None].astype(block.dtype)
        block *= self.sharpness
        np.exp(block, out=block)
        self.sum += block.sum(axis=1)

    def result(self, n_references: int) -> FloatArray:
        return self.largest + np.log(self.sum / n_references) / self.sharpness


class _Top:
    """The k largest so far; of a later block only what exceeds the smallest of them is looked at."""

    def __init__(self, n: int, k: int) -> None:
        self.k = k
        self.best: FloatArray = np.full((n, k), -np.inf)

    def add(self, block: FloatArray) -> None:
        """Pack what can be among the k largest to the left, then keep the k largest."""
        n, width = block.shape
        smallest = np.maximum(self.best.min(axis=1), self._at_least(block)).astype(block.dtype)
        flat = np.flatnonzero(block >= smallest[:, None])
        rows = flat // width
        counts = np.bincount(rows, minlength=n)
        found = np.full((n, int(counts.max())), -np.inf)
        found[rows, np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)] = block.ravel()[flat]
        candidates = np.concatenate([self.best, found], axis=1)
        self.best = np.partition(candidates, candidates.shape[1] - self.k, axis=1)[:, -self.k :]

    def _at_least(self, block: FloatArray) -> FloatArray | float:
        """A bound that k values of each row reach: the k-th largest of the maxima of groups of columns."""
        n, width = block.shape
        groups = width // GROUP
        if groups < self.k or np.isfinite(self.best[:, 0]).all():
            return -np.inf
        maxima = block[:, : groups * GROUP].reshape(n, GROUP, groups).max(axis=1)
        return np.asarray(np.partition(maxima, groups - self.k, axis=1)[:, groups - self.k])

    def result(self, n_references: int) -> FloatArray:
        return np.asarray(self.best.mean(axis=1))


def _aggregator(aggregate: Aggregate, n: int, *, k: int, sharpness: float, bounded: bool) -> _Total:
    match aggregate:
        case "max":
            return _Max(n)
        case "mean":
            return _Mean(n)
        case "top":
            return _Top(n, k)
        case "soft_max":
            return _MildSoftMax(n, sharpness) if bounded and 0 < sharpness <= MILD else _SoftMax(n, sharpness)
