"""Every threshold on values whose split is known, and the false-alarm rate of the unimodality test."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.detector.change_point import ChangePoint
from w2s.detector.threshold import CRITICAL, Mixture, NoiseMatched, Otsu, Quantile, UnlessUnimodal
from w2s.errors import ConfigError

ALL = [Quantile(0.5), Otsu(), Mixture(), UnlessUnimodal(), ChangePoint()]


@pytest.mark.parametrize("threshold", ALL, ids=lambda threshold: type(threshold).__name__)
def test_two_far_groups_of_equal_size_are_told_apart(threshold: object) -> None:
    draw = np.random.default_rng(0)
    low, high = draw.normal(size=60), 20 + draw.normal(size=60)
    assert threshold.split(draw.permutation(np.concatenate([low, high]))) == high.min()


@pytest.mark.parametrize("threshold", ALL, ids=lambda threshold: type(threshold).__name__)
@pytest.mark.parametrize("values", [np.array([]), np.array([2.0]), np.full(30, 0.5)], ids=["none", "one", "equal"])
def test_no_value_one_value_and_equal_values_have_no_split(threshold: object, values: np.ndarray) -> None:
    assert threshold.split(values) is None


def test_a_quantile_leaves_its_share_below() -> None:
    values = np.arange(10.0)
    assert Quantile(0.4).split(values) == 4.0
    assert Quantile(0.45).split(values) == 5.0
    assert Quantile(0.99).split(values) == 9.0


def test_otsu_with_two_bins_splits_at_the_middle_of_the_range() -> None:
    assert Otsu(bins=2).split(np.array([0.0, 1.0, 2.0, 5.9, 6.1, 12.0])) == 6.1


def test_otsu_with_many_bins_is_the_change_point() -> None:
    values = np.random.default_rng(1).exponential(size=200)
    assert Otsu(bins=100_000).split(values) == ChangePoint().split(values)


def test_a_mixture_of_unequal_widths_splits_where_the_change_point_does_not() -> None:
    # A narrow group beside a wide one: 2-means cuts into the wide one, the densities cross near the narrow one.
    draw = np.random.default_rng(2)
    values = np.concatenate([0.2 * draw.normal(size=500), 5 + 2 * draw.normal(size=500)])
    assert 0.3 < Mixture().split(values) < 1.2
    assert ChangePoint().split(values) > 2.0


@pytest.mark.slow
def test_one_gaussian_is_not_split_by_the_mixture() -> None:
    draws = [Mixture().split(np.random.default_rng(seed).normal(size=300)) for seed in range(50)]
    assert sum(tau is not None for tau in draws) <= 5


@pytest.mark.parametrize("kind", ["uniform", "normal", "exponential"])
def test_unimodal_batches_are_split_at_most_at_the_stated_rate(kind: str) -> None:
    draw = np.random.default_rng(3)
    alarms = sum(UnlessUnimodal(false_alarm=0.1).split(getattr(draw, kind)(size=200)) is not None for _ in range(400))
    # 400 batches at a rate of at most 0.1: four standard errors above is 0.16.
    assert alarms / 400 <= 0.16
    # The negative control: without the test every batch is split.
    assert ChangePoint().split(getattr(draw, kind)(size=200)) is not None


def test_two_groups_three_deviations_apart_are_found() -> None:
    draw = np.random.default_rng(4)
    found = [UnlessUnimodal().split(np.concatenate([draw.normal(size=150), 4 + draw.normal(size=150)])) for _ in range(20)]
    assert all(tau is not None for tau in found)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quantile(1.0), "below=1.0"),
        (lambda: Otsu(bins=1), "bins=1"),
        (lambda: Mixture(floor=0.0), "floor=0.0"),
        (lambda: UnlessUnimodal(false_alarm=0.07), "0.01, 0.05, 0.1"),
    ],
)
def test_values_outside_their_range_are_refused(make: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_critical_values_fall_with_the_rate() -> None:
    assert CRITICAL[0.01] > CRITICAL[0.05] > CRITICAL[0.1]


def test_a_noise_matched_cut_drops_twice_the_mean_error_and_no_more_than_its_largest_share() -> None:
    values = np.random.default_rng(0).permutation(np.arange(100.0))
    for error, below in ((0.0, 0.0), (0.05, 10.0), (0.2, 40.0), (0.45, 60.0)):
        assert NoiseMatched(factor=2.0, most=0.6).split_by_error(values, np.full(100, error)) == below


def test_a_noise_matched_cut_has_no_split_of_equal_values() -> None:
    for values in (np.array([]), np.array([2.0]), np.full(30, 0.5)):
        assert NoiseMatched().split_by_error(values, np.full(len(values), 0.3)) is None
