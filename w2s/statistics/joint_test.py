"""Many mean differences tested at once, by the largest t statistic under sign flips.

P. H. Westfall and S. S. Young, "Resampling-based multiple testing", 1993: under the null the signs of a row's differences
may be flipped together, which keeps their dependence, and the largest |t| over all columns bounds every one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from w2s.statistics.intervals import t_half_widths
from w2s.types import FloatArray, IntArray

MOST_FLIPS = 1 << 13
"""Sign patterns up to this many are enumerated (14 seeds), and more are sampled."""
SAMPLED_FLIPS = 10_000
TIE = 1e-9
"""Relative difference of two t statistics that counts as none."""
BLOCK = 256
"""Columns whose statistics are held in memory at once."""


@dataclass(frozen=True)
class Comparison:
    """q mean differences over the same seeds, tested jointly."""

    mean: FloatArray
    """(q,)"""
    half_width: FloatArray
    """(q,) of each one's own t interval; NaN with one seed."""
    p: FloatArray
    """(q,) in (0, 1], adjusted for all q: the chance that any |t| would be as large, if no difference were real."""


def least_p(n_seeds: int) -> float:
    """The smallest p-value that `compare` can give with so many seeds."""
    return 2.0 ** (1 - min(n_seeds, 1 + int(math.log2(MOST_FLIPS))))


def compare(differences: FloatArray, draw: np.random.Generator) -> Comparison:
    """Two-sided test that each of q mean differences is zero: `differences` (S, q), paired by seed.

    All 2^(S - 1) patterns are tried up to `MOST_FLIPS`, else that many are drawn from `draw`; no p value is below
    2^(1 - S).
    """
    n_seeds, q = differences.shape
    if n_seeds == 1:
        return Comparison(differences[0], np.full(q, np.nan), np.ones(q))
    counts = np.full(q, n_seeds)
    own = np.abs(_t_statistics(np.ones((1, n_seeds)), differences, counts)[0])
    largest = _largest(_sign_patterns(n_seeds, draw), differences, counts, two_sided=True)
    reached = np.searchsorted(np.sort(largest), own * (1 - TIE), side="left")
    half = t_half_widths(differences.std(axis=0, ddof=1) / math.sqrt(n_seeds), counts)
    return Comparison(differences.mean(axis=0), half, 1 - reached / len(largest))


def one_sided(differences: FloatArray) -> FloatArray:
    """(q,) p-values for mean > 0 of each column of `differences` (m, q), NaN where a comparison is missing.

    Columns with fewer than 2 values get NaN. The sign flips are sampled.
    """
    m, q = differences.shape
    there = np.isfinite(differences)
    counts = there.sum(axis=0)
    usable = counts >= 2
    if not usable.any():
        return np.full(q, np.nan)
    values = np.where(there, differences, 0.0)[:, usable]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(SAMPLED_FLIPS, m))
    own = _t_statistics(np.ones((1, m)), values, counts[usable])[0]
    largest = np.sort(_largest(signs, values, counts[usable], two_sided=False))
    reached = np.searchsorted(largest, own - TIE * np.abs(own), side="left")
    p = np.full(q, np.nan)
    p[usable] = (1 + SAMPLED_FLIPS - reached) / (SAMPLED_FLIPS + 1)
    return p


def _sign_patterns(n_seeds: int, draw: np.random.Generator) -> FloatArray:
    """(F, S) of +-1, the identity first; patterns that differ in all signs give the same |t| and count once."""
    if 1 << (n_seeds - 1) <= MOST_FLIPS:
        codes = np.arange(1 << (n_seeds - 1))[:, None]
        return np.where(codes >> np.arange(n_seeds) & 1, -1.0, 1.0)
    signs = draw.choice([-1.0, 1.0], size=(MOST_FLIPS, n_seeds))
    signs[0] = 1.0
    return signs


def _largest(signs: FloatArray, values: FloatArray, counts: IntArray, *, two_sided: bool) -> FloatArray:
    """(F,) largest t statistic of all columns under each sign pattern."""
    largest = np.full(len(signs), -np.inf)
    for start in range(0, values.shape[1], BLOCK):
        part = slice(start, start + BLOCK)
        block = _t_statistics(signs, values[:, part], counts[part])
        largest = np.maximum(largest, (np.abs(block) if two_sided else block).max(axis=1))
    return largest


def _t_statistics(signs: FloatArray, values: FloatArray, counts: IntArray) -> FloatArray:
    """(F, q) t statistics of `values` (S, q) under sign patterns (F, S); without spread, 0 or infinity by the mean.

    `counts` (q,), each >= 2, says how many values of a column are there; the others are 0.
    """
    mean = signs @ values / counts
    squares = np.sum(values**2, axis=0)
    variance = (squares - counts * mean**2) / (counts - 1) / counts
    spreads = variance > 1e-14 * squares
    constant = np.where(np.abs(mean) > 0, np.copysign(np.inf, mean), 0.0)
    return np.asarray(np.where(spreads, mean / np.sqrt(np.where(spreads, variance, 1.0)), constant))
