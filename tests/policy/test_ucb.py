"""Indices worked out by hand, and against river and mabwiser where their rules are the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.policy.problems import problem, with_counts
from w2s.errors import ConfigError
from w2s.policy import KLUCB, MOSS, UCB, UCBV, ReleasedUCB, SampleUCB, SlidingWindowUCB


def counts(policy):
    return with_counts(policy, rounds=[4, 2], points=[40, 20], overlaps=[20, 3])


def test_ucb_by_hand():
    # count 4, T = 25, estimate .5: .5 + sqrt(2 ln 25 / 4) = .5 + sqrt(1.6094) = 1.7686
    assert counts(UCB(problem(rounds=25))).index()[0, 0] == pytest.approx(1.7686, abs=5e-5)


def test_the_released_ucb_by_hand():
    # .5 + sqrt(2 ln 25) / 4 = .5 + 2.5373 / 4 = 1.1343
    assert counts(ReleasedUCB(problem(rounds=25))).index()[0, 0] == pytest.approx(1.1343, abs=5e-5)


def test_ucb1_on_samples_by_hand():
    # N = 60: .15 + sqrt(2 ln 60 / 20) = .15 + sqrt(.409434) = .789870
    assert counts(SampleUCB(problem())).index()[0, 1] == pytest.approx(0.789870, abs=5e-6)


def test_ucb_v_by_hand():
    # N = 60, v = .25, rate = ln 60 / 40 = .102359: .5 + sqrt(.5 x .102359) + .307076 = 1.033304
    assert counts(UCBV(problem())).index()[0, 0] == pytest.approx(1.033304, abs=5e-6)


def test_moss_by_hand():
    # T m = 250, K = 2: ln(250 / (2 x 40)) = 1.139434; .5 + sqrt(1.139434 / 40) = .668778
    assert counts(MOSS(problem(rounds=25, batch=10))).index()[0, 0] == pytest.approx(0.668778, abs=5e-6)


def test_moss_gives_no_bonus_beyond_the_fair_share_of_the_horizon():
    assert counts(MOSS(problem(rounds=1, batch=10))).index()[0, 0] == 0.5


def test_kl_ucb_solves_its_equation():
    index = counts(KLUCB(problem())).index()[0]
    for k, (n, o) in enumerate(((40, 0.5), (20, 0.15))):
        u = index[k]
        divergence = o * math.log(o / u) + (1 - o) * math.log((1 - o) / (1 - u))
        assert n * divergence == pytest.approx(math.log(60), abs=1e-5)


def test_kl_ucb_of_a_source_without_overlap_is_known_in_closed_form():
    # n kl(0, u) = -n ln(1 - u) = ln N: u = 1 - N^(-1/n)
    policy = with_counts(KLUCB(problem()), 1, [10, 20], [0, 5])
    assert policy.index()[0, 0] == pytest.approx(1 - 30 ** (-1 / 10), abs=1e-6)


def test_kl_ucb_of_a_source_of_overlap_alone_is_one():
    assert with_counts(KLUCB(problem()), 1, [10, 20], [10, 5]).index()[0, 0] == pytest.approx(1)


def test_the_sliding_window_forgets():
    policy = SlidingWindowUCB(problem(), window=2)
    for source, n_overlap in ((0, 9), (1, 1), (1, 3)):
        policy.update(np.array([source]), np.array([n_overlap]), np.array([10]))
    assert policy.rounds.tolist() == [[0, 2]]
    assert policy.density.tolist() == [[0, 0.2]]
    assert policy.select(np.ones((1, 2), dtype=bool))[0] == 0  # left the window, so it is pulled again


def test_the_window_is_garivier_and_moulines_unless_it_is_named_and_every_point_is_a_reward():
    policy = SlidingWindowUCB(problem(rounds=150))
    assert policy.window.maxlen == round(2 * math.sqrt(150 * math.log(150) / 2))
    policy.update(np.array([0]), np.array([4]), np.array([10]))
    policy.update(np.array([1]), np.array([9]), np.array([30]))
    assert policy.index()[0] == pytest.approx(
        [0.4 + math.sqrt(0.6 * math.log(40) / 10), 0.3 + math.sqrt(0.6 * math.log(40) / 30)]
    )


@pytest.mark.parametrize("bonus", [0.0, -1.0, math.inf, math.nan])
def test_a_bonus_that_is_not_a_positive_number_is_refused(bonus):
    with pytest.raises(ConfigError, match="bonus="):
        UCB(problem(), bonus=bonus)


def test_an_empty_window_is_refused():
    with pytest.raises(ConfigError, match="window=0"):
        SlidingWindowUCB(problem(), window=0)


def rewarded(policy, learn, rounds=60):
    """Teach `policy` and an oracle (by `learn`) the same single-point rewards."""
    draw = np.random.default_rng(0)
    for t in range(rounds):
        source, reward = (t if t < 3 else int(draw.integers(3))), int(draw.random() < 0.4)
        learn(source, reward)
        policy.update(np.array([source]), np.array([reward]), np.array([1]))


def test_ucb_on_samples_agrees_with_river_on_every_pull():
    bandit = pytest.importorskip("river.bandit")
    ours, theirs = SampleUCB(problem(k=3, batch=1)), bandit.UCB(delta=1, seed=0)
    agreed = 0

    def learn(source, reward):
        nonlocal agreed
        if (ours.rounds > 0).all():
            index = ours.index()[0]
            unique = np.sum(index == index.max()) == 1
            assert not unique or theirs.pull(range(3)) == int(index.argmax())
            agreed += unique
        theirs.update(source, reward)

    rewarded(ours, learn, rounds=300)
    assert agreed > 200


def test_ucb_on_samples_agrees_with_mabwiser():
    module = pytest.importorskip("mabwiser.mab")
    theirs = module.MAB(arms=[0, 1, 2], learning_policy=module.LearningPolicy.UCB1(alpha=1))
    decisions, rewards = [], []
    ours = SampleUCB(problem(k=3, batch=1))
    rewarded(ours, lambda source, reward: (decisions.append(source), rewards.append(reward)))
    theirs.fit(decisions, rewards)
    expected = theirs.predict_expectations()
    np.testing.assert_allclose(ours.index()[0], [expected[k] for k in range(3)], rtol=1e-12)
