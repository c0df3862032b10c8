"""How many seeds would tell a difference."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from w2s.statistics.joint_test import compare, least_p
from w2s.statistics.power import FEWEST_SEEDS, seeds_needed


def test_five_seeds_cannot_reach_the_level_and_six_can() -> None:
    steady = np.full((6, 1), 0.1) + np.arange(6)[:, None] / 1e4
    draw = np.random.default_rng(0)
    assert compare(steady[:5], draw).p[0] == least_p(5) == 1 / 16
    assert compare(steady, draw).p[0] == least_p(6) == 1 / 32
    assert FEWEST_SEEDS == 6


@pytest.mark.parametrize("effect", [1.5, 0.7, 0.3])
def test_with_the_seeds_needed_a_t_test_finds_the_difference_four_times_in_five(effect: float) -> None:
    n = seeds_needed(effect, 1.0)
    assert n is not None
    draws = np.random.default_rng(0).normal(effect, 1, size=(n, 4_000))
    assert float(np.mean(ttest_1samp(draws, 0).pvalue <= 0.05)) == pytest.approx(0.8, abs=0.04)


def test_more_tests_at_once_and_more_noise_need_more_seeds_and_nothing_needs_too_many() -> None:
    one, many, noisy = seeds_needed(0.5, 1.0), seeds_needed(0.5, 1.0, tests=10), seeds_needed(-0.5, 2.0)
    assert one == 34  # G*Power: one-sample t, d = .5, power .8
    assert many is not None
    assert noisy is not None
    assert one < min(many, noisy)
    assert seeds_needed(0.001, 1.0) is None
    assert seeds_needed(0.0, 1.0) is None
    assert seeds_needed(0.1, 0.0) == FEWEST_SEEDS
