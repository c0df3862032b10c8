"""Buying points from sources, round by round: draw, detect, update, until rounds or money run out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.protocols import BanditProblem, PolicyMaker
from w2s.seeding import generator
from w2s.study.policies import policy_name
from w2s.study.selection.assessors import Assessor
from w2s.study.selection.sources import SourceSet
from w2s.types import BoolArray, FloatArray, IntArray, Sealed

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
        """(T,) regret of each round under (K,) densities: overlap per point forgone.

        What the round's money would have bought at the source of most overlap for its money among those that could
        still be chosen, minus what it bought, per point. Without prices that is the best density minus the chosen one.
        """
        costs = source_set.costs
        chosen = np.array([purchase.source for purchase in self.purchases])
        available = np.array([purchase.available for purchase in self.purchases])
        best = np.where(available, density / costs, -np.inf).max(axis=1)
        return np.asarray(np.maximum(costs[chosen] * best - density[chosen], 0.0))


def run_policy(
    source_set: SourceSet, maker: PolicyMaker, plan: PurchasePlan, assessor: Assessor, *, seed: int, draw: int = 0
) -> Trace:
    """Buy with the policy `maker` makes. Nothing is drawn twice, an empty source is never chosen.

    The order in which a source gives its points depends on `seed` and `draw` alone, so that all policies meet the same
    points and none changes what another one draws.
    """
    k = len(source_set.names)
    orders = [
        generator(seed, "selection", "order", name, draw).permutation(points)
        for name, points in zip(source_set.names, source_set.members, strict=True)
    ]
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
    left, money = source_set.sizes, np.inf if plan.budget is None else float(plan.budget)
    counts = np.zeros((k, 2), dtype=int)
    purchases: list[Purchase] = []
    while plan.budget is not None or len(purchases) < plan.rounds:
        available = (left > 0) & (source_set.costs <= money + CENT)
        if not available.any():
            break
        source = int(policy.select(available[None])[0])
        assert available[source], f"policy {name} chose source {source}, which cannot be chosen"
        n = int(min(plan.batch, left[source], np.floor((money + CENT) / source_set.costs[source])))
        start = len(orders[source]) - left[source]
        points = orders[source][start : start + n]
        overlap = assessor.assess(points)
        policy.update(np.array([source]), np.array([overlap.sum()]), np.array([n]))
        purchases.append(
            Purchase(source, points, overlap, available, _reason(name, source_set.names[source], counts[source]))
        )
        counts[source] += overlap.sum(), n
        left[source] -= n
        money -= n * source_set.costs[source]
    return Trace(name, tuple(purchases))


def _reason(policy: str, source: str, counts: IntArray) -> str:
    known = "unknown so far" if counts[1] == 0 else f"{counts[0]} of its {counts[1]} points overlapped so far"
    return f"{policy} chose {source}: {known}"
