"""What every policy promises, whatever its rule."""

from __future__ import annotations

import numpy as np
import pytest

import w2s.policy
from tests.policy.problems import problem
from w2s.protocols import Policy

CHOICES = [getattr(w2s.policy, name) for name in w2s.policy.__all__]


@pytest.fixture(params=CHOICES, ids=[choice.name for choice in CHOICES])
def maker(request):
    return request.param


def test_it_is_a_policy(maker):
    assert isinstance(maker(problem()), Policy)


def test_it_never_chooses_a_source_that_is_not_available(maker):
    draw = np.random.default_rng(1)
    policy = maker(problem(k=5, repetitions=64, rounds=30))
    for _ in range(30):
        available = draw.random((64, 5)) < 0.4
        available[np.arange(64), draw.integers(5, size=64)] = True
        source = policy.select(available)
        assert source.shape == (64,)
        assert available[np.arange(64), source].all()
        policy.update(source, draw.binomial(7, 0.3, size=64), np.full(64, 7))


def test_it_breaks_the_first_tie_at_random(maker):
    first = maker(problem(k=4, true=[0.5] * 4, repetitions=8_000)).select(np.ones((8_000, 4), dtype=bool))
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 8_000, 0.25, atol=0.025)


def test_the_same_stream_gives_the_same_choices(maker):
    def choices():
        policy, draw, chosen = maker(problem(k=3, repetitions=16)), np.random.default_rng(2), []
        for _ in range(20):
            source = policy.select(np.ones((16, 3), dtype=bool))
            policy.update(source, draw.binomial(10, np.array([0.1, 0.4, 0.5])[source]), np.full(16, 10))
            chosen.append(source)
        return np.array(chosen)

    np.testing.assert_array_equal(choices(), choices())


def test_repetitions_side_by_side_do_not_look_at_one_another(maker):
    """Its counts hold its own rounds alone."""
    policy, draw = maker(problem(k=3, repetitions=6, rounds=50)), np.random.default_rng(3)
    own = np.zeros((6, 3))
    for _ in range(15):
        source = policy.select(np.ones((6, 3), dtype=bool))
        policy.update(source, draw.binomial(10, 0.3, size=6), np.full(6, 10))
        own[np.arange(6), source] += 10
    np.testing.assert_array_equal(policy.points, own)


def test_one_source_is_always_chosen(maker):
    policy = maker(problem(k=1))
    for _ in range(5):
        assert policy.select(np.ones((1, 1), dtype=bool)).tolist() == [0]
        policy.update(np.array([0]), np.array([2]), np.array([10]))


WEIGHS_PRICES = [choice for choice in CHOICES if choice.name not in {"random", "round_robin", "successive_elimination"}]
"""The others take sources in turn or at random, whatever they cost."""


@pytest.mark.parametrize("maker", WEIGHS_PRICES, ids=[choice.name for choice in WEIGHS_PRICES])
def test_a_cheap_source_is_preferred_to_an_equally_dense_dear_one(maker):
    policy = maker(problem(k=2, true=[0.4, 0.4], prices=[10.0, 1.0], repetitions=200, rounds=60))
    chosen = []
    for _ in range(60):
        source = policy.select(np.ones((200, 2), dtype=bool))
        policy.update(source, np.full(200, 4), np.full(200, 10))
        chosen.append(source)
    assert np.mean(np.array(chosen)[20:] == 1) > 0.9
