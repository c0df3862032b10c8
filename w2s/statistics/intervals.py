"""Intervals and tests that say what they are about.

A run's intervals are over *test points*: they are about these trained models. With several seeds (or several draws) the
variance of a mean is taken crossed, over seeds x points, since all seeds share one test set. Ratios get Fieller sets
(E. C. Fieller, "Some problems in interval estimation", JRSS B 16, 1954). Many paired differences are tested jointly by
the largest t statistic under sign flips (P. H. Westfall and S. S. Young, "Resampling-based multiple testing", 1993).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray

LEVEL = 0.95
PRECISE_HALF_WIDTH = 0.25
MOST_FLIPS = 1 << 13
"""Sign patterns up to this many are enumerated (14 seeds), and more are sampled."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval at level `LEVEL`."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Moments:
    """Means of q quantities measured on the same points, with the covariance of those means."""

    mean: FloatArray
    """(q,)"""
    covariance: FloatArray
    """(q, q) covariance of the means, positive semi-definite."""
    parts: tuple[tuple[FloatArray, int], ...]
    """Mean squares that the covariance is a sum or difference of, each (q, q), with its degrees of freedom."""

    def variance(self, weights: FloatArray) -> float:
        """Variance of the combination `weights` (q,) of the means."""
        return max(float(weights @ self.covariance @ weights), 0.0)

    def degrees(self, weights: FloatArray) -> float:
        """Degrees of freedom >= 1 of that variance (F. E. Satterthwaite, Biometrics 2, 1946)."""
        spread = sum(float(weights @ part @ weights) ** 2 / degrees for part, degrees in self.parts)
        return max(1.0, self.variance(weights) ** 2 / spread) if spread > 0 else float(max(d for _, d in self.parts))

    def interval(self, k: int = 0) -> Interval:
        """The t interval of quantity `k`."""
        weights = np.eye(len(self.mean))[k]
        half = t_quantile(self.degrees(weights)) * math.sqrt(self.variance(weights))
        value = float(self.mean[k])
        return Interval(value, value - half, value + half)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two means with its Fieller set."""

    value: float | None
    """None unless `defined`."""
    low: float | None
    high: float | None
    defined: bool
    """The denominator differs from zero by more than its noise, so that the set is bounded."""
    precise: bool
    """Defined, with a half-width of at most `PRECISE_HALF_WIDTH`."""


@dataclass(frozen=True)
class Comparison:
    """q mean differences over the same seeds, tested jointly."""

    mean: FloatArray
    """(q,)"""
    half_width: FloatArray
    """(q,) of each one's own t interval; NaN with one seed."""
    p: FloatArray
    """(q,) in (0, 1], adjusted for all q: the chance that any |t| would be as large, if no difference were real."""


def t_quantile(degrees: float) -> float:
    """The two-sided `LEVEL` quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf((1 + LEVEL) / 2, degrees))


def proportion_interval(k: int, n: int) -> Interval:
    """Wilson interval of k successes out of n (E. B. Wilson, JASA 22, 1927)."""
    from scipy.stats import binomtest

    interval = binomtest(k, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Interval(k / n, float(interval.low), float(interval.high))


def over_points(values: FloatArray) -> Moments:
    """Moments over points: `values` (n, q), paired by point; n >= 2. About these trained models."""
    n = len(values)
    covariance = np.atleast_2d(np.cov(values, rowvar=False)) / n
    return Moments(values.mean(axis=0), covariance, ((covariance, n - 1),))


def crossed(values: FloatArray) -> Moments:
    """Moments over seeds x points: `values` (S, n, q), n >= 2; S = 1 falls back to `over_points`.

    V = V_points + V_seeds - V_residual of the two-way layout, V_points and V_seeds the variances of the marginal means,
    each of which holds the residual's share once; the estimate never falls below that share. Needs the same points for
    all seeds.
    """
    n_seeds, n, _ = values.shape
    if n_seeds == 1:
        return over_points(values[0])
    mean = values.mean(axis=(0, 1))
    by_point = values.mean(axis=0) - mean
    by_seed = values.mean(axis=1) - mean
    residual = values - mean - by_point[None] - by_seed[:, None]
    free_points, free_seeds = n - 1, n_seeds - 1
    points = by_point.T @ by_point / free_points / n
    seeds = by_seed.T @ by_seed / free_seeds / n_seeds
    both = np.einsum("snp,snq->pq", residual, residual) / (free_points * free_seeds) / (n * n_seeds)
    covariance = both + _without_negative_part(points + seeds - 2 * both)
    return Moments(mean, covariance, ((points, free_points), (seeds, free_seeds), (both, free_points * free_seeds)))


def _without_negative_part(matrix: FloatArray) -> FloatArray:
    """The nearest positive semi-definite matrix to a symmetric one."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.maximum(values, 0.0) @ vectors.T)


def fieller(moments: Moments, numerator: int = 0, denominator: int = 1) -> Ratio:
    """The Fieller set of mean[numerator] / mean[denominator]: all r with (a - r b)^2 <= t^2 Var(a - r b).

    The degrees of freedom are those of a - r b at r = a / b. Bounded, and the ratio defined, exactly when b > t SE(b): a
    denominator below zero or within its noise defines nothing.
    """
    a, b = float(moments.mean[numerator]), float(moments.mean[denominator])
    if b <= 0:
        return Ratio(None, None, None, defined=False, precise=False)
    v = moments.covariance
    va, vb, vab = (float(v[i, j]) for i, j in ((numerator, numerator), (denominator, denominator), (numerator, denominator)))
    unit = np.eye(len(moments.mean))
    t2 = t_quantile(moments.degrees(unit[numerator] - a / b * unit[denominator])) ** 2
    quadratic = b * b - t2 * vb
    if quadratic <= 0:
        return Ratio(None, None, None, defined=False, precise=False)
    centre = (a * b - t2 * vab) / quadratic
    half = math.sqrt(max(centre**2 - (a * a - t2 * va) / quadratic, 0.0))
    return Ratio(a / b, centre - half, centre + half, defined=True, precise=half <= PRECISE_HALF_WIDTH)


def compare(differences: FloatArray, draw: np.random.Generator) -> Comparison:
    """Joint max-T test that each of q mean differences is zero: `differences` (S, q), paired by seed.

    Under the null the seeds' rows may be flipped in sign together. All 2^(S - 1) patterns are tried up to `MOST_FLIPS`,
    else that many are drawn from `draw`; no p value is below 2^(1 - S).
    """
    n_seeds, q = differences.shape
    if n_seeds == 1:
        return Comparison(differences[0], np.full(q, np.nan), np.ones(q))
    mean = differences.mean(axis=0)
    own = np.abs(_t_statistics(np.ones((1, n_seeds)), differences)[0])
    signs = _sign_patterns(n_seeds, draw)
    largest = np.zeros(len(signs))
    for start in range(0, q, 256):
        block = np.abs(_t_statistics(signs, differences[:, start : start + 256]))
        largest = np.maximum(largest, block.max(axis=1))
    reached = np.searchsorted(np.sort(largest), own * (1 - 1e-9), side="left")
    half = t_quantile(n_seeds - 1) * differences.std(axis=0, ddof=1) / math.sqrt(n_seeds)
    return Comparison(mean, half, 1 - reached / len(signs))


def _sign_patterns(n_seeds: int, draw: np.random.Generator) -> FloatArray:
    """(F, S) of +-1, the identity first; patterns that differ in all signs give the same |t| and count once."""
    if 1 << (n_seeds - 1) <= MOST_FLIPS:
        codes = np.arange(1 << (n_seeds - 1))[:, None]
        return np.where(codes >> np.arange(n_seeds) & 1, -1.0, 1.0)
    signs = draw.choice([-1.0, 1.0], size=(MOST_FLIPS, n_seeds))
    signs[0] = 1.0
    return signs


def _t_statistics(signs: FloatArray, differences: FloatArray) -> FloatArray:
    """(F, q) t statistics of `differences` (S, q) under sign patterns (F, S); without spread, 0 or infinity by the mean."""
    n_seeds = len(differences)
    mean = signs @ differences / n_seeds
    squares = np.sum(differences**2, axis=0)
    variance = (squares - n_seeds * mean**2) / (n_seeds - 1) / n_seeds
    spreads = variance > 1e-14 * squares
    constant = np.where(np.abs(mean) > 0, np.copysign(np.inf, mean), 0.0)
    return np.asarray(np.where(spreads, mean / np.sqrt(np.where(spreads, variance, 1.0)), constant))
