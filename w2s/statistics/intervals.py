"""Intervals that say what they are about.

A run's intervals are over *test points*: they are about these trained models. With several seeds (or several draws) the
variance of a mean is taken crossed, over seeds x points, since all seeds share one test set. Ratios get Fieller sets
(E. C. Fieller, "Some problems in interval estimation", JRSS B 16, 1954).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from w2s.types import BoolArray, FloatArray, IntArray

LEVEL = 0.95
PRECISE_HALF_WIDTH = 0.25
NORMAL_QUANTILE = 1.959964
"""The two-sided `LEVEL` quantile of the normal distribution."""


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


def t_quantile(degrees: float) -> float:
    """The two-sided `LEVEL` quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + LEVEL) / 2))


def t_half_widths(errors: FloatArray, counts: IntArray) -> FloatArray:
    """(q,) half-widths of t intervals from the standard errors of means over `counts` values (q,); NaN of one value."""
    from scipy.special import stdtrit

    quantiles = stdtrit(np.maximum(counts - 1, 1), (1 + LEVEL) / 2)
    return np.asarray(np.where(counts > 1, quantiles * errors, np.nan))


def t_interval(values: FloatArray) -> Interval:
    """The mean of n values (n,) with its t interval; NaN to NaN of a single value."""
    n, mean = len(values), float(values.mean())
    error = values.std(ddof=1) / math.sqrt(n) if n > 1 else math.nan
    half = float(t_half_widths(np.array([error]), np.array([n]))[0])
    return Interval(mean, mean - half, mean + half)


def proportion_interval(k: int, n: int) -> Interval:
    """Wilson interval of k successes out of n (E. B. Wilson, JASA 22, 1927)."""
    from scipy.stats import binomtest

    interval = binomtest(k, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Interval(k / n, float(interval.low), float(interval.high))


def stratified_interval(right: BoolArray, strata: IntArray, shares: Mapping[int, float]) -> Interval:
    """A share in [0, 1] over strata of known `shares` (which sum to 1), post-stratified from a sample of n >= 1 points.

    Args:
        right: (n,) what was found.
        strata: (n,) stratum of each point.
        shares: stratum -> its share of all points; a stratum without a point takes the whole sample.
    """
    value = variance = 0.0
    for stratum, share in shares.items():
        members = right[strata == stratum] if np.any(strata == stratum) else right
        smooth = (members.sum() + 1) / (len(members) + 2)
        value += share * float(members.mean())
        variance += share**2 * float(smooth * (1 - smooth)) / len(members)
    half = NORMAL_QUANTILE * variance**0.5
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


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
