from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import w2s.policy
from w2s.policy import Greedy, Oracle, Random
from w2s.study.selection.assessors import PoolAssessor
from w2s.study.selection.purchases import PurchasePlan, run_policy
from w2s.study.selection.sources import SourceSet

POLICIES = [getattr(w2s.policy, name) for name in w2s.policy.__all__]


def sources_of(sizes, densities, prices=None, seed=0):
    """Sources in a row, and what says which of their points overlap."""
    draw = np.random.default_rng(seed)
    stops = np.cumsum(sizes)
    members = tuple(np.arange(stop - size, stop) for size, stop in zip(sizes, stops, strict=True))
    overlap = np.zeros(sum(sizes), dtype=bool)
    for points, density in zip(members, densities, strict=True):
        overlap[draw.permutation(points)[: round(density * len(points))]] = True
    found = np.array([overlap[points].mean() if len(points) else 0.0 for points in members])
    names = tuple(f"s{k}" for k in range(len(sizes)))
    return SourceSet(names, members, found, found, None if prices is None else np.array(prices)), PoolAssessor(overlap)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) > 0),
    batch=st.integers(1, 12),
    rounds=st.integers(1, 40),
    budget=st.none() | st.integers(1, 200),
    which=st.integers(0, len(POLICIES) - 1),
    seed=st.integers(0, 10_000),
)
def test_no_point_is_bought_twice_and_no_empty_source_is_chosen(sizes, batch, rounds, budget, which, seed):
    draw = np.random.default_rng(seed)
    source_set, assessor = sources_of(sizes, draw.random(len(sizes)), seed=seed)
    trace = run_policy(source_set, POLICIES[which], PurchasePlan(rounds, batch, budget), assessor, seed=seed)
    assert len(np.unique(trace.points)) == len(trace.points)
    bought = np.zeros(len(sizes), dtype=int)
    for purchase in trace.purchases:
        assert bought[purchase.source] < sizes[purchase.source]
        assert set(purchase.points) <= set(source_set.members[purchase.source])
        bought[purchase.source] += len(purchase.points)
    if budget is None:
        assert bought.sum() <= rounds * batch
    else:
        assert bought.sum() == min(budget, sum(sizes))


def test_the_oracles_regret_is_exactly_zero_even_after_it_moved_on():
    source_set, assessor = sources_of([20, 30, 25], [0.2, 0.8, 0.48])
    trace = run_policy(source_set, Oracle, PurchasePlan(15, 5, None), assessor, seed=0)
    assert [purchase.source for purchase in trace.purchases] == [1] * 6 + [2] * 5 + [0] * 4
    assert trace.regret(source_set, source_set.true).tolist() == [0] * 15


def test_the_oracles_regret_is_zero_with_prices_too():
    source_set, assessor = sources_of([20, 30, 25], [0.2, 0.8, 0.48], prices=[1.0, 5.0, 2.0])
    trace = run_policy(source_set, Oracle, PurchasePlan(14, 5, 90.0), assessor, seed=0)
    assert trace.purchases[0].source == 2  # .24 a unit of money, against .2 and .16
    assert trace.regret(source_set, source_set.true).max() == 0


def test_regret_by_hand():
    # densities .2, .8 at prices 1 and 2: at source 0 a point's money buys .8 / 2 = .4 there, so .4 - .2 are forgone
    source_set, assessor = sources_of([10, 10], [0.2, 0.8], prices=[1.0, 2.0])
    trace = run_policy(source_set, Random, PurchasePlan(4, 1, None), assessor, seed=3)
    chosen = np.array([purchase.source for purchase in trace.purchases])
    assert len(set(chosen)) == 2
    np.testing.assert_allclose(trace.regret(source_set, source_set.true), np.where(chosen == 0, 0.2, 0.0))


def test_a_budget_in_money_is_never_overspent_and_never_left_unspent_while_it_buys_a_point():
    source_set, assessor = sources_of([50, 50], [0.2, 0.8], prices=[0.3, 0.7])
    trace = run_policy(source_set, Greedy, PurchasePlan(10, 4, 10.0), assessor, seed=0)
    spent = trace.costs(source_set).sum()
    assert spent <= 10 + 1e-6
    assert 10 - spent < 0.3


def test_a_policy_never_changes_what_another_one_draws():
    """The i-th point of each source is the same whoever buys."""
    source_set, assessor = sources_of([60, 60, 60], [0.2, 0.5, 0.6])
    order = {}
    for maker in POLICIES:
        trace = run_policy(source_set, maker, PurchasePlan(12, 4, None), assessor, seed=5)
        for k in range(3):
            mine = [int(point) for purchase in trace.purchases if purchase.source == k for point in purchase.points]
            known = order.setdefault(k, [])
            common = min(len(mine), len(known))
            assert mine[:common] == known[:common]
            order[k] = max(mine, known, key=len)


def test_random_spends_evenly_in_the_mean():
    source_set, assessor = sources_of([400, 400], [0.2, 0.8])
    shares = [
        np.mean(
            [
                purchase.source
                for purchase in run_policy(source_set, Random, PurchasePlan(50, 1, None), assessor, seed=seed).purchases
            ]
        )
        for seed in range(80)
    ]
    assert abs(np.mean(shares) - 0.5) < 4 * 0.5 / np.sqrt(50 * 80)
