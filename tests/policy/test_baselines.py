from __future__ import annotations

import numpy as np

from tests.policy.problems import problem, run_rounds
from w2s.policy import EpsilonGreedy, ExploreThenCommit, Greedy, Oracle, Random, RoundRobin


def test_the_oracle_takes_the_densest_source_and_moves_on_when_it_is_empty():
    policy = Oracle(problem(true=[0.2, 0.9, 0.5]))
    assert policy.select(np.array([[True, True, True]]))[0] == 1
    assert policy.select(np.array([[True, False, True]]))[0] == 2


def test_the_oracle_counts_overlap_per_unit_of_money():
    policy = Oracle(problem(true=[0.4, 0.9], prices=[1.0, 3.0]))  # .4 against .3 a unit
    assert policy.select(np.array([[True, True]]))[0] == 0


def test_random_is_uniform_and_unbiased():
    policy = Random(problem(true=[0.1, 0.9, 0.2, 0.8], repetitions=40_000))
    shares = np.bincount(policy.select(np.ones((40_000, 4), dtype=bool)), minlength=4) / 40_000
    np.testing.assert_allclose(shares, 0.25, atol=4 * np.sqrt(0.25 * 0.75 / 40_000))


def test_greedy_pulls_every_source_once_and_then_the_best():
    chosen = run_rounds(Greedy(problem(k=3)), [1, 7, 4], 10)
    assert set(chosen[:3, 0]) == {0, 1, 2}
    assert set(chosen[3:, 0]) == {1}


def test_round_robin_gives_every_source_its_turn():
    chosen = run_rounds(RoundRobin(problem(k=3)), [1, 7, 4], 12)
    for start in range(0, 12, 3):
        assert set(chosen[start : start + 3, 0]) == {0, 1, 2}


def test_epsilon_greedy_explores_at_its_rate():
    policy = EpsilonGreedy(problem(k=2, repetitions=4_000), epsilon=0.4)
    chosen = run_rounds(policy, [1, 7], 40)
    others = np.mean(chosen[10:] == 0)  # an exploring repetition takes the worse source half of the time
    assert abs(others - 0.2) < 0.01


def test_explore_then_commit_explores_each_source_exactly_its_pulls():
    chosen = run_rounds(ExploreThenCommit(problem(k=3), pulls=4), [1, 7, 4], 20)
    assert np.bincount(chosen[:12, 0]).tolist() == [4, 4, 4]
    assert set(chosen[12:, 0]) == {1}


def test_a_commitment_for_good_ignores_what_comes_later_and_relearning_does_not():
    for relearn, expected in ((False, {0}), (True, {1})):
        policy = ExploreThenCommit(problem(k=2), pulls=1, relearn=relearn)
        for source, n_overlap in ((0, 9), (1, 5), (0, 0), (0, 0)):
            policy.update(np.array([source]), np.array([n_overlap]), np.array([10]))
        assert set(run_rounds(policy, [0, 5], 3)[:, 0]) == expected
