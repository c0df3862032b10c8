"""Buying points from sources, round by round: draw, detect, update, until rounds or money run out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2s.protocols import BanditProblem, PolicyMaker
from w2s.seeding import generator
from w2s.study.policies import policy_name
from w2s.study.selection.assessors import Assessor
from w2s.study.selection.sources import SourceSet
from w2s.types import BoolArray, FloatArray, IntArray, Sealed

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

CENT = 1e-9
"""Forgives the rounding of prices."""


@dataclass(frozen=True)
class PurchasePlan:
    """How much is bought, and in which portions."""

    rounds: int
    """T, the horizon a policy plans for; without a budget also the last round."""
    batch: int
    """m, points of a round."""
    budget: float | None
    """Money in all (points where they have no price); None buys for T rounds whatever it costs."""


@dataclass(frozen=True)
class Purchase:
    """One round."""

    source: int
    points: IntArray
    """Positions in the pool."""
    overlap: BoolArray
    """Which of the points the detector takes for overlap."""
    available: BoolArray
    """(K,) the sources that could have been chosen."""
    reason: str
    period: int = 0
    """Which of `SourceSet.times` it was."""


@dataclass(frozen=True)
class Trace:
    """What a policy bought."""

    policy: str
    purchases: tuple[Purchase, ...]

    @property
    def points(self) -> IntArray:
        """Positions in the pool of everything bought, in order."""
        return np.concatenate([purchase.points for purchase in self.purchases])

    @property
    def overlap(self) -> BoolArray:
        """Which of `points` the detector takes for overlap."""
        return np.concatenate([purchase.overlap for purchase in self.purchases])

    @property
    def sizes(self) -> IntArray:
        """(T,) points of each round."""
        return np.array([len(purchase.points) for purchase in self.purchases])

    def costs(self, source_set: SourceSet) -> FloatArray:
        """(T,) money spent in each round, or points."""
        return self.sizes * source_set.costs[[purchase.source for purchase in self.purchases]]

    def regret(self, source_set: SourceSet, density: FloatArray) -> FloatArray:
        """(T,) regret of each round under (K,) densities, or (P, K) of each period: overlap per point forgone.

        What the round's money would have bought at the source of most overlap for its money among those that could
        still be chosen, minus what it bought, per point. Without prices that is the best density minus the chosen one.
        """
        costs = source_set.costs
        chosen = np.array([purchase.source for purchase in self.purchases])
        available = np.array([purchase.available for purchase in self.purchases])
        then = np.atleast_2d(density)[[purchase.period for purchase in self.purchases]]
        best = np.where(available, then / costs, -np.inf).max(axis=1)
        return np.asarray(np.maximum(costs[chosen] * best - then[np.arange(len(chosen)), chosen], 0.0))


def run_policy(
    source_set: SourceSet, maker: PolicyMaker, plan: PurchasePlan, assessor: Assessor, *, seed: int, draw: int = 0
) -> Trace:
    """Buy with the policy `maker` makes. Nothing is drawn twice, an empty source is never chosen.

    Where points have dates, each period gets the same share of rounds (or of the budget), and what it holds can be bought
    then alone; once it is sold out the next one begins.

    The order in which a source gives its points depends on `seed` and `draw` alone, so that all policies meet the same
    points and none changes what another one draws.
    """
    k = len(source_set.names)
    times = source_set.times
    orders = [_orders(each.members, source_set.names, seed, draw, *([t] if t else [])) for t, each in enumerate(times)]
    true = source_set.detected if source_set.true is None else source_set.true
    name = policy_name(maker)
    policy = maker(
        BanditProblem(
            n_sources=k,
            rounds=plan.rounds,
            batch=plan.batch,
            generator=generator(seed, "selection", "policy", name, draw),
            true_density=Sealed(true),
            prices=source_set.prices,
        )
    )
    left, money, now = times[0].sizes, np.inf if plan.budget is None else float(plan.budget), 0
    counts = np.zeros((k, 2), dtype=int)
    purchases: list[Purchase] = []
    while plan.budget is not None or len(purchases) < plan.rounds:
        spent = len(purchases) / plan.rounds if plan.budget is None else 1 - money / plan.budget
        available = (left > 0) & (source_set.costs <= money + CENT)
        if now + 1 < len(times) and (spent * len(times) + CENT >= now + 1 or not available.any()):
            now, left = now + 1, times[now + 1].sizes
            continue
        if not available.any():
            break
        source = int(policy.select(available[None])[0])
        assert available[source], f"policy {name} chose source {source}, which cannot be chosen"
        n = int(min(plan.batch, left[source], np.floor((money + CENT) / source_set.costs[source])))
        order = orders[now][source]
        start = len(order) - left[source]
        points = order[start : start + n]
        overlap = assessor.assess(points)
        policy.update(np.array([source]), np.array([overlap.sum()]), np.array([n]))
        purchases.append(
            Purchase(source, points, overlap, available, _reason(name, source_set.names[source], counts[source]), now)
        )
        counts[source] += overlap.sum(), n
        left[source] -= n
        money -= n * source_set.costs[source]
    return Trace(name, tuple(purchases))


def _orders(members: tuple[IntArray, ...], names: tuple[str, ...], *stream: int) -> list[IntArray]:
    """The order in which each source gives its points."""
    seed, *draw = stream
    return [
        generator(seed, "selection", "order", name, *draw).permutation(points)
        for name, points in zip(names, members, strict=True)
    ]


def _reason(policy: str, source: str, counts: IntArray) -> str:
    known = "unknown so far" if counts[1] == 0 else f"{counts[0]} of its {counts[1]} points overlapped so far"
    return f"{policy} chose {source}: {known}"


def points_columns(n: int, source_set: SourceSet, trace: Trace) -> dict[str, ArrayLike]:
    """For each of the n pool points its source, and whether, when and why it was bought."""
    import pandas as pd

    bought = trace.points
    rounds, reasons = np.zeros(n, dtype=np.int64), np.full(n, None, dtype=object)
    rounds[bought] = np.repeat(np.arange(1, len(trace.purchases) + 1), trace.sizes)
    for purchase in trace.purchases:
        reasons[purchase.points] = purchase.reason
    return {
        "source": source_set.source_of(n),
        "chosen": rounds > 0,
        "round": pd.arrays.IntegerArray(rounds, rounds == 0),
        "reason": reasons,
    }


def rounds_table(trace: Trace, source_set: SourceSet, accuracy: FloatArray) -> pd.DataFrame:
    """One row a round; counts are the round's, densities, cost and regrets cover everything up to it.

    `true_density` and `true_regret` are NaN where no truth is planted. Regret counts against the best source that could
    still be chosen, where there are dates of that `period`.
    """
    import pandas as pd

    sizes = trace.sizes
    chosen = np.array([purchase.source for purchase in trace.purchases])
    n_overlap = np.array([purchase.overlap.sum() for purchase in trace.purchases])
    unknown = np.full(len(sizes), np.nan)
    now, times = [purchase.period for purchase in trace.purchases], source_set.times
    planted = [each.true for each in times if each.true is not None]
    true = unknown if not planted else np.cumsum(sizes * np.array(planted)[now, chosen]) / np.cumsum(sizes)
    columns = {
        "policy": trace.policy,
        "round": np.arange(1, len(sizes) + 1),
        **({"period": [times[t].name for t in now]} if source_set.periods else {}),
        "source": [source_set.names[source] for source in chosen],
        "n": sizes,
        "n_overlap": n_overlap,
        "density": np.cumsum(n_overlap) / np.cumsum(sizes),
        "true_density": true,
        "cost": np.cumsum(trace.costs(source_set)),
        "regret": np.cumsum(trace.regret(source_set, np.array([each.detected for each in times]))),
        "true_regret": np.cumsum(trace.regret(source_set, np.array(planted))) if planted else unknown,
        "accuracy": accuracy,
    }
    return pd.DataFrame(columns)
