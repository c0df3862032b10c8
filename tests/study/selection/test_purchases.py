from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import w2s.policy
from w2s.policy import Greedy, Oracle, Random, SlidingWindowUCB, Thompson
from w2s.study.selection.assessors import PoolAssessor
from w2s.study.selection.purchases import PurchasePlan, rounds_table, run_policy
from w2s.study.selection.recommendation import period_note, period_table, source_table
from w2s.study.selection.sources import SourcePeriod, SourceSet

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


def dated(shares, size=60, seed=0):
    """Sources whose overlap shares (P, K) differ from period to period."""
    draw, periods, overlap, start = np.random.default_rng(seed), [], [], 0
    for t, row in enumerate(shares):
        members = tuple(np.arange(start + k * size, start + (k + 1) * size) for k in range(len(row)))
        found = np.concatenate([draw.permutation(np.arange(size) < round(share * size)) for share in row])
        overlap.append(found)
        density = found.reshape(len(row), size).mean(axis=1)
        periods.append(SourcePeriod(f"2026-0{t + 1}", members, density, density))
        start += len(row) * size
    together = np.concatenate(overlap)
    members = tuple(np.concatenate([each.members[k] for each in periods]) for k in range(len(shares[0])))
    found = np.array([together[points].mean() for points in members])
    names = tuple(f"s{k}" for k in range(len(members)))
    return SourceSet(names, members, found, found, None, tuple(periods)), PoolAssessor(together)


@settings(max_examples=30, deadline=None)
@given(
    size=st.integers(1, 30),
    batch=st.integers(1, 9),
    rounds=st.integers(3, 30),
    budget=st.none() | st.integers(3, 200),
    which=st.integers(0, len(POLICIES) - 1),
    seed=st.integers(0, 1_000),
)
def test_a_period_sells_its_own_points_alone_and_time_never_goes_back(size, batch, rounds, budget, which, seed):
    source_set, assessor = dated([(0.9, 0.1), (0.5, 0.5), (0.1, 0.9)], size)
    trace = run_policy(source_set, POLICIES[which], PurchasePlan(rounds, batch, budget), assessor, seed=seed)
    assert len(np.unique(trace.points)) == len(trace.points)
    when = [purchase.period for purchase in trace.purchases]
    assert when == sorted(when)
    for purchase in trace.purchases:
        assert set(purchase.points) <= set(source_set.periods[purchase.period].members[purchase.source])
    if budget is None and size >= batch * rounds:
        assert set(when) == {0, 1, 2}


def test_regret_counts_against_the_best_source_of_each_period():
    source_set, assessor = dated([(0.9, 0.1), (0.2, 0.6)])
    trace = run_policy(source_set, Random, PurchasePlan(20, 2, None), assessor, seed=1)
    frame = rounds_table(trace, source_set, np.zeros(20))
    assert frame["period"].tolist() == ["2026-01"] * 10 + ["2026-02"] * 10
    chosen, second = frame["source"].to_numpy(), frame["round"].to_numpy() > 10
    expected = np.where(second, np.where(chosen == "s0", 0.4, 0.0), np.where(chosen == "s1", 0.8, 0.0))
    np.testing.assert_allclose(np.diff(frame["regret"], prepend=0), expected, atol=1e-9)
    table = period_table(source_set, trace)
    assert table["take"].sum() == 40
    assert table.loc[table["best"], "source"].tolist() == ["s0", "s1"]
    plan = source_table(source_set, trace, seed=0)
    assert plan["take"].sum() == 40
    assert plan["best_chance"].idxmax() == 1  # the first one was best in the mean, and is not any more
    assert "2 from 2026-01 to 2026-02" in period_note(table)
    assert "changes 1 times" in period_note(table)


def test_a_window_follows_sources_that_drift_and_a_mean_over_all_time_does_not():
    drifting = [(0.8, 0.5, 0.2)] * 3 + [(0.2, 0.8, 0.5)] * 3 + [(0.5, 0.2, 0.8)] * 3
    source_set, assessor = dated(drifting, size=400)
    regret = {}
    for maker in (SlidingWindowUCB, Thompson, Greedy):
        runs = [run_policy(source_set, maker, PurchasePlan(90, 20, None), assessor, seed=seed) for seed in range(8)]
        density = np.array([each.detected for each in source_set.periods])
        regret[maker.name] = np.mean([run.regret(source_set, density).sum() for run in runs])
    assert regret["sliding_window_ucb"] < 0.6 * min(regret["thompson"], regret["greedy"])
