"""Intervals against hand-worked values, and their coverage where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from w2s.statistics.intervals import crossed, fieller, over_points, proportion_interval, stratified_interval, t_quantile
from w2s.types import FloatArray

T_9 = 2.2621571628540993
"""The .975 quantile of Student's t with 9 degrees of freedom, from a table."""


def test_the_t_quantile_is_the_tables() -> None:
    assert t_quantile(9) == pytest.approx(T_9)


def test_wilson_interval_by_hand() -> None:
    # 8 of 10, z = 1.96: centre (8 + 1.9207) / (10 + 3.8415) = .71674, half .21632 (Wilson's formula)
    interval = proportion_interval(8, 10)
    assert (interval.low, interval.high) == (pytest.approx(0.49016, abs=1e-4), pytest.approx(0.94332, abs=1e-4))


def test_moments_over_points_are_the_paired_t_interval() -> None:
    values = np.arange(10.0)[:, None]  # mean 4.5, variance 55/6, SE sqrt(55/60)
    interval = over_points(values).interval()
    assert interval.value == 4.5
    assert interval.high - interval.value == pytest.approx(T_9 * np.sqrt(55 / 60))


def test_crossed_variance_by_hand() -> None:
    # rows are seeds: [[0, 2], [2, 0]], a second quantity twice the first. All marginal means are 1, so P = S = 0 and
    # the residuals are +-1: mean square 4 / (1 * 1) = 4, its share 4 / (2 * 2) = 1 is where the variance stops.
    values = np.array([[[0.0, 0.0], [2.0, 4.0]], [[2.0, 4.0], [0.0, 0.0]]])
    np.testing.assert_allclose(crossed(values).covariance, [[1.0, 2.0], [2.0, 4.0]])
    # an additive layout has no residual: points 0 and 2, seeds 0 and 4: V = 2 / 2 + 8 / 2 = 5
    additive = np.array([[0.0, 2.0], [4.0, 6.0]])[:, :, None]
    assert crossed(additive).covariance[0, 0] == pytest.approx(5.0)


def test_one_seed_is_about_these_trained_models() -> None:
    values = np.random.default_rng(0).normal(size=(1, 30, 2))
    np.testing.assert_allclose(crossed(values).covariance, over_points(values[0]).covariance)


def test_more_seeds_never_shrink_below_what_the_test_points_allow() -> None:
    # the same models on the same points, again and again, say nothing new about the points
    once = np.random.default_rng(1).normal(size=(1, 200, 1))
    single = over_points(once[0]).variance(np.ones(1))
    assert crossed(np.repeat(once, 50, axis=0)).variance(np.ones(1)) == pytest.approx(single)


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(2, 12))
def test_the_covariance_is_positive_semidefinite_and_holds_the_residual(seed: int, n_seeds: int, n: int) -> None:
    moments = crossed(np.random.default_rng(seed).normal(size=(n_seeds, n, 2)))
    assert np.linalg.eigvalsh(moments.covariance).min() >= -1e-12
    residual = moments.parts[2][0]
    assert np.linalg.eigvalsh(moments.covariance - residual).min() >= -1e-12


def test_fieller_set_is_where_the_combination_is_within_its_error() -> None:
    draw = np.random.default_rng(2)
    moments = over_points(draw.normal([1.0, 2.0], 1.0, size=(100, 2)))
    ratio = fieller(moments)
    assert ratio.low is not None
    assert ratio.high is not None
    for r in (ratio.low, ratio.high):
        weights = np.array([1.0, -r])
        distance = abs(float(moments.mean @ weights))
        assert distance == pytest.approx(t_quantile(99) * np.sqrt(moments.variance(weights)))


def test_a_gap_within_its_noise_or_below_zero_defines_no_ratio() -> None:
    draw = np.random.default_rng(3)
    for mean in (0.0, -3.0):
        assert not fieller(over_points(draw.normal([1.0, mean], 1.0, size=(50, 2)))).defined


def test_a_wide_ratio_is_defined_but_not_precise() -> None:
    draw = np.random.default_rng(4)
    wide, narrow = (fieller(over_points(draw.normal([0.5, 1.0], 1.0, size=(n, 2)))) for n in (20, 2000))
    assert (wide.defined, wide.precise) == (True, False)
    assert (narrow.defined, narrow.precise) == (True, True)


def correctness(draw: np.random.Generator, n_seeds: int, n: int, accuracy: FloatArray, seed_spread: float) -> FloatArray:
    """(S, n, 3) correctness of weak, student, ceiling: points, seeds and both move a Gaussian latent.

    `accuracy` (3,) is the exact expectation over points and seeds.
    """

    def correlated(*shape: int) -> FloatArray:
        return np.sqrt(0.5) * (draw.standard_normal((*shape, 1)) + draw.standard_normal((*shape, 3)))

    point_spread = 1.5
    level = norm.ppf(accuracy) * np.sqrt(1 + point_spread**2 + seed_spread**2)
    effects = point_spread * correlated(n)[None] + seed_spread * correlated(n_seeds)[:, None]
    return np.asarray(level + effects + correlated(n_seeds, n) > 0, dtype=np.float64)


def gain_and_gap(right: FloatArray) -> FloatArray:
    """(S, n, 2)"""
    return np.stack([right[..., 1] - right[..., 0], right[..., 2] - right[..., 0]], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [3, 5, 10])
@pytest.mark.parametrize("seed_spread", [0.05, 0.15])
@pytest.mark.parametrize("accuracy", [(0.7, 0.8, 0.9), (0.6, 0.75, 0.95)])
def test_crossed_fieller_covers_the_procedures_pgr(n_seeds: int, seed_spread: float, accuracy: tuple[float, ...]) -> None:
    draw = np.random.default_rng([n_seeds, round(100 * seed_spread)])
    truth = (accuracy[1] - accuracy[0]) / (accuracy[2] - accuracy[0])
    covered = defined = 0
    for _ in range(2000):
        right = correctness(draw, n_seeds, 500, np.array(accuracy), seed_spread)
        ratio = fieller(crossed(gain_and_gap(right)))
        defined += ratio.defined
        covered += ratio.low is not None and ratio.high is not None and ratio.low <= truth <= ratio.high
    assert defined >= 1980
    assert 0.93 <= covered / 2000 <= 0.97


@pytest.mark.slow
def test_intervals_over_seeds_alone_do_not_cover() -> None:
    # the negative control: t over the PGRs of 10 seeds ignores that all of them share one test set
    draw = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        mean = correctness(draw, 10, 500, np.array([0.7, 0.8, 0.9]), 0.05).mean(axis=1)
        pgr = (mean[:, 1] - mean[:, 0]) / (mean[:, 2] - mean[:, 0])
        half = T_9 * pgr.std(ddof=1) / np.sqrt(10)
        covered += abs(pgr.mean() - 0.5) <= half
    assert covered / 1000 < 0.85


def test_a_post_stratified_interval_covers_the_truth() -> None:
    """Shares .3 and .7 with accuracies .9 and .6: .69 in all."""
    draw, covered = np.random.default_rng(0), 0
    for _ in range(1_000):
        strata = (draw.random(60) < 0.7).astype(int)
        right = draw.random(60) < np.where(strata == 1, 0.6, 0.9)
        interval = stratified_interval(right, strata, {0: 0.3, 1: 0.7})
        covered += interval.low <= 0.69 <= interval.high
    assert 0.93 <= covered / 1_000 <= 0.98
