"""Bandit problems for the tests of this group."""

from __future__ import annotations

import numpy as np

from w2s.protocols import BanditProblem
from w2s.types import Sealed


def problem(k=2, rounds=25, batch=10, true=None, prices=None, repetitions=1, seed=0):
    true = np.linspace(0.1, 0.5, k) if true is None else np.array(true)
    return BanditProblem(
        n_sources=len(true),
        rounds=rounds,
        batch=batch,
        generator=np.random.default_rng(seed),
        true_density=Sealed(true),
        repetitions=repetitions,
        prices=None if prices is None else np.array(prices),
    )


def with_counts(policy, rounds, points, overlaps):
    """The policy with these (K,) counts, in one repetition."""
    policy.rounds[:] = rounds
    policy.points[:] = points
    policy.overlaps[:] = overlaps
    return policy


def run_rounds(policy, rewards, rounds, batch=10):
    """Rounds of `batch` points with (K,) fixed overlap counts; the chosen sources (T, R)."""
    chosen = []
    for _ in range(rounds):
        source = policy.select(np.ones(policy.rounds.shape, dtype=bool))
        policy.update(source, np.array(rewards)[source], np.full(len(source), batch))
        chosen.append(source)
    return np.array(chosen)
