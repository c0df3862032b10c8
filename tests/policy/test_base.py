"""Counts, first pulls, prices and ties, with an index that is set by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.policy.problems import problem, run_rounds
from w2s.errors import ConfigError
from w2s.policy.base import CountingPolicy, check_positive

EVERYWHERE = np.ones((1, 3), dtype=bool)


class Fixed(CountingPolicy):
    """The later the source, the better."""

    name = "fixed"

    def index(self):
        return np.arange(1.0, 1 + self.problem.n_sources) * np.ones(self.rounds.shape)


def test_every_source_is_pulled_as_often_as_asked_before_the_index_decides():
    policy = Fixed(problem(k=3))
    policy.first_pulls = 2
    chosen = run_rounds(policy, [0, 0, 0], 9)[:, 0]
    assert sorted(chosen[:6]) == [0, 0, 1, 1, 2, 2]
    assert set(chosen[6:]) == {2}


def test_an_exhausted_source_is_left_out_whatever_its_index():
    policy = Fixed(problem(k=3))
    policy.first_pulls = 0
    assert policy.select(EVERYWHERE)[0] == 2
    assert policy.select(np.array([[True, True, False]]))[0] == 1


def test_the_index_is_read_per_unit_of_money():
    policy = Fixed(problem(k=3, prices=[1.0, 1.0, 2.0]))  # 1, 2 and 3/2 a unit
    policy.first_pulls = 0
    assert policy.select(EVERYWHERE)[0] == 1


def test_rounds_points_and_overlaps_are_counted_by_source_and_repetition():
    policy = Fixed(problem(k=3, repetitions=2))
    policy.update(np.array([0, 2]), np.array([3, 0]), np.array([10, 5]))
    policy.update(np.array([0, 0]), np.array([1, 4]), np.array([10, 5]))
    assert policy.rounds.tolist() == [[2, 0, 0], [1, 0, 1]]
    assert policy.points.tolist() == [[20, 0, 0], [5, 0, 5]]
    assert policy.density.tolist() == [[0.2, 0, 0], [0.8, 0, 0]]
    assert policy.log_points[:, 0].tolist() == pytest.approx([np.log(20), np.log(10)])


@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, np.nan])
def test_anything_but_a_positive_number_is_refused_with_its_name(value):
    check_positive("mine", "bonus", 0.1)
    with pytest.raises(ConfigError, match=f"policy mine: bonus={value}"):
        check_positive("mine", "bonus", value)
