"""Intervals that say what they are about.

A run's intervals are over *test points*: they are about these trained models. With several seeds (or several draws) the
variance of a mean is taken crossed, over seeds x points, since all seeds share one test set. Ratios get Fieller sets
(E. C. Fieller, "Some problems in interval estimation", JRSS B 16, 1954).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray

LEVEL = 0.95
PRECISE_HALF_WIDTH = 0.25


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
    """(q, q) covariance of the means."""
    degrees: float
    """Degrees of freedom of the t distribution, > 0."""

    def interval(self, k: int = 0) -> Interval:
        """The t interval of quantity `k`."""
        half = t_quantile(self.degrees) * math.sqrt(max(float(self.covariance[k, k]), 0.0))
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
    return Moments(values.mean(axis=0), np.atleast_2d(np.cov(values, rowvar=False)) / n, n - 1)


def crossed(values: FloatArray) -> Moments:
    """Moments over seeds x points: `values` (S, n, q); S = 1 falls back to `over_points`.

    V = V_points + V_seeds - V_residual of the two-way layout, V_points and V_seeds the variances of the marginal means;
    never below the larger of the two single-factor variances' residual share. Degrees of freedom by Satterthwaite on the
    first quantity. Needs the same points for all seeds.
    """
    n_seeds, n, _ = values.shape
    if n_seeds == 1:
        return over_points(values[0])
    mean = values.mean(axis=(0, 1))
    by_point = values.mean(axis=0) - mean
    by_seed = values.mean(axis=1) - mean
    residual = values - mean - by_point[None] - by_seed[:, None]
    points = by_point.T @ by_point / (n - 1) / n
    seeds = by_seed.T @ by_seed / (n_seeds - 1) / n_seeds
    both = np.einsum("snp,snq->pq", residual, residual) / ((n - 1) * (n_seeds - 1)) / (n * n_seeds)
    covariance = points + seeds - both
    floor = np.maximum(np.diag(both), 0.0)
    np.fill_diagonal(covariance, np.maximum(np.diag(covariance), floor))
    return Moments(mean, covariance, _satterthwaite(covariance, points, seeds, both, n_seeds=n_seeds, n=n))


def _satterthwaite(
    covariance: FloatArray, points: FloatArray, seeds: FloatArray, both: FloatArray, *, n_seeds: int, n: int
) -> float:
    """The smallest effective degrees of freedom among the quantities (F. E. Satterthwaite, Biometrics 2, 1946)."""
    parts = (
        np.diag(points) ** 2 / (n - 1) + np.diag(seeds) ** 2 / (n_seeds - 1) + np.diag(both) ** 2 / ((n - 1) * (n_seeds - 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(parts > 0, np.diag(covariance) ** 2 / parts, n - 1)
    return float(max(1.0, degrees.min()))


def fieller(moments: Moments, numerator: int = 0, denominator: int = 1) -> Ratio:
    """The Fieller set of mean[numerator] / mean[denominator]: all r with (a - r b)^2 <= t^2 Var(a - r b).

    Bounded, and the ratio defined, exactly when b > t SE(b): a denominator below zero or within its noise defines nothing.
    """
    a, b = float(moments.mean[numerator]), float(moments.mean[denominator])
    v = moments.covariance
    va, vb, vab = (float(v[i, j]) for i, j in ((numerator, numerator), (denominator, denominator), (numerator, denominator)))
    t2 = t_quantile(moments.degrees) ** 2
    quadratic = b * b - t2 * vb
    if b <= 0 or quadratic <= 0:
        return Ratio(None, None, None, defined=False, precise=False)
    centre = (a * b - t2 * vab) / quadratic
    half = math.sqrt(max(centre**2 - (a * a - t2 * va) / quadratic, 0.0))
    return Ratio(a / b, centre - half, centre + half, defined=True, precise=half <= PRECISE_HALF_WIDTH)
