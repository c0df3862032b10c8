from __future__ import annotations

import math

import numpy as np
import pytest

from w2s.study.arena.regret_bounds import bernoulli_divergence, explicit_bound, lai_robbins, minimax_rate


@pytest.mark.parametrize(
    ("densities", "batch", "expected"),
    [((0.09, 0.47), 36, 0.23), ((0.1, 0.2, 0.3, 0.4, 0.5), 20, 3.5), ((0.30, 0.325, 0.35, 0.375, 0.40), 20, 13.6)],
)
def test_lai_robbins_of_the_three_settings(densities, batch, expected):
    assert lai_robbins(np.array(densities), rounds=50, batch=batch) == pytest.approx(expected, rel=0.03)


def test_the_divergence_by_hand():
    # .5 ln(.5 / .25) + .5 ln(.5 / .75) = .143841
    assert bernoulli_divergence(0.5, 0.25) == pytest.approx(0.143841, abs=1e-6)
    assert bernoulli_divergence(0.3, 0.3) == 0
    assert bernoulli_divergence(0.3, 0.0) == math.inf
    assert bernoulli_divergence(0.0, 0.5) == pytest.approx(math.log(2))


@pytest.mark.parametrize(("k", "mean_at_50", "first_below_one"), [(2, 1.6, 168), (5, 2.6, 509)])
def test_the_explicit_bound_is_vacuous_until_its_horizon(k, mean_at_50, first_below_one):
    assert explicit_bound(k, rounds=50, horizon=50) / 50 == pytest.approx(mean_at_50, abs=0.05)
    below = [t for t in range(20, 700) if explicit_bound(k, rounds=t, horizon=t) / t < 1]
    assert below[0] == first_below_one


def test_the_minimax_rate():
    assert minimax_rate(2, rounds=50) == 10
