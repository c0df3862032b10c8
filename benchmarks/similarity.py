"""Blocked similarity against the bare product into a preallocated block, both in this run, on one thread.

OMP_NUM_THREADS=1 python benchmarks/similarity.py [points references d]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from w2s.detector.similarity import BLOCK_POINTS, similarity, unit_rows


def bare(points: np.ndarray, references: np.ndarray) -> float:
    """Processor seconds of the product alone, block by block, and nothing kept."""
    block = np.empty((BLOCK_POINTS, len(references)), dtype=points.dtype)
    start = time.process_time()
    for first in range(0, len(points), BLOCK_POINTS):
        rows = points[first : first + BLOCK_POINTS]
        np.matmul(rows, references.T, out=block[: len(rows)])
    return time.process_time() - start


def peak_megabytes() -> float:
    """Largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(n: int, r: int, d: int) -> None:
    """Print processor seconds, the ratio to the bare product, and how much the peak of memory grew."""
    draw = np.random.default_rng(0)
    points, references = (draw.standard_normal((rows, d), dtype=np.float32) for rows in (n, r))
    bare(points[:5000], references)
    before = peak_megabytes()
    for aggregate in ("max", "mean", "soft_max", "top"):
        alone = bare(points, references)
        start = time.process_time()
        found = similarity(points, references, aggregate=aggregate)
        took = time.process_time() - start
        cosines = np.abs(unit_rows(points[:200]).astype(float) @ unit_rows(references).astype(float).T)
        naive = {
            "max": cosines.max(axis=1),
            "mean": cosines.mean(axis=1),
            "soft_max": np.log(np.exp(10 * cosines).mean(axis=1)) / 10,
            "top": np.sort(cosines, axis=1)[:, -10:].mean(axis=1),
        }[aggregate]
        off = np.abs(found[:200] - naive).max()
        grown = peak_megabytes() - before
        print(f"{aggregate:9s} {took:6.2f} s, product {alone:6.2f} s: {took / alone:.2f}; off {off:.0e}; +{grown:.0f} MB")


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:4]) if len(sys.argv) > 3 else (50_000, 10_000, 384)))
