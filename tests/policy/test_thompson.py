from __future__ import annotations

import math

import numpy as np
import pytest

from tests.policy.problems import problem, run_rounds, with_counts
from w2s.errors import ConfigError
from w2s.policy import SuccessiveElimination, Thompson


def test_thompson_draws_from_the_beta_posterior():
    policy = with_counts(Thompson(problem(k=2, repetitions=50_000)), 3, [10, 4], [7, 0])
    draws = policy.index()
    # Beta(1 + 7, 1 + 3): mean 8/12, variance 8 x 4 / (12^2 x 13); Beta(1, 5): mean 1/6
    assert draws[:, 0].mean() == pytest.approx(8 / 12, abs=0.003)
    assert draws[:, 0].var() == pytest.approx(32 / (144 * 13), rel=0.03)
    assert draws[:, 1].mean() == pytest.approx(1 / 6, abs=0.003)


def test_thompson_agrees_with_river_in_how_often_it_chooses_each_source():
    bandit, proba = pytest.importorskip("river.bandit"), pytest.importorskip("river.proba")
    theirs = bandit.ThompsonSampling(reward_obj=proba.Beta(1, 1), seed=1)
    for source, reward in [(0, 1)] * 3 + [(0, 0)] * 3 + [(1, 1)] * 2 + [(1, 0)] * 4:
        theirs.update(source, bool(reward))
    share = np.mean([theirs.pull(range(2)) for _ in range(4_000)])
    policy = with_counts(Thompson(problem(k=2, repetitions=40_000)), 6, [6, 6], [3, 2])
    ours = policy.select(np.ones((40_000, 2), dtype=bool)).mean()
    assert abs(ours - share) < 4 * math.sqrt(0.25 / 4_000)


def test_the_prior_counts_as_points_seen_before():
    strong = Thompson(problem(k=2, repetitions=20_000), a=60, b=40)
    assert strong.index().mean() == pytest.approx(0.6, abs=0.002)


@pytest.mark.parametrize("prior", [{"a": 0.0}, {"b": -1.0}])
def test_a_prior_that_is_not_positive_is_refused(prior):
    with pytest.raises(ConfigError, match="number above 0"):
        Thompson(problem(), **prior)


def test_the_elimination_radius_by_hand():
    # K = 2, n = 40, delta = .1: sqrt(ln(4 x 2 x 1600 / .1) / 80) = sqrt(11.759786 / 80) = .383402
    policy = with_counts(SuccessiveElimination(problem()), 4, 40, 20)
    assert policy.radius()[0, 0] == pytest.approx(0.383402, abs=1e-6)


def test_elimination_takes_turns_and_drops_what_is_worse_beyond_doubt():
    policy = SuccessiveElimination(problem(k=2))
    chosen = run_rounds(policy, [0, 10], 60)[:, 0]
    assert not policy.active[0, 0]
    assert policy.active[0, 1]
    last = int(np.flatnonzero(chosen == 0)[-1])
    assert abs(np.sum(chosen[: last + 1] == 0) - np.sum(chosen[: last + 1] == 1)) <= 1


def test_a_dropped_source_is_used_when_no_other_holds_points():
    policy = SuccessiveElimination(problem(k=2))
    run_rounds(policy, [0, 10], 60)
    assert policy.select(np.array([[True, False]]))[0] == 0


def test_two_sources_alike_are_both_kept():
    policy = SuccessiveElimination(problem(k=2, repetitions=200))
    draw = np.random.default_rng(0)
    for _ in range(50):
        source = policy.select(np.ones((200, 2), dtype=bool))
        policy.update(source, draw.binomial(10, 0.3, size=200), np.full(200, 10))
    assert policy.active.all(axis=1).mean() > 0.9
