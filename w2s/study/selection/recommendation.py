"""What a person with sources and a budget wants to know, and how sure one can be of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2s.pool.pool import PreparedPool
from w2s.pool.student_predictions import one_hot, predict_each
from w2s.pool.summary import prior_of
from w2s.seeding import generator
from w2s.statistics.accuracy import correct
from w2s.statistics.intervals import NORMAL_QUANTILE, Moments, proportion_interval, stratified_interval
from w2s.study.selection.purchases import Purchase, Trace
from w2s.study.selection.sources import SourceSet
from w2s.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

POSTERIOR_DRAWS = 20_000
POWER_QUANTILES = NORMAL_QUANTILE + 0.841621
"""Of the normal distribution: a difference this many standard errors large is found with probability .8 at level .05."""
GROWTH = 1.5
"""Ratio of the gold label counts tried, one after the other."""


def source_table(source_set: SourceSet, trace: Trace, *, seed: int) -> pd.DataFrame:
    """One row a source: points to take, cost, density with a Wilson interval, the chance that it is the best buy.

    The chance is that of the most overlap for its money, under independent Beta(1 + overlaps, 1 + others) posteriors of
    what was bought, where there are dates in the last period; sources without points (then) have none.
    """
    import pandas as pd

    n, n_overlap = _bought(trace.purchases, len(source_set.names))
    last = [each for each in trace.purchases if each.period == len(source_set.times) - 1]
    m, m_overlap = _bought(last, len(source_set.names))
    intervals = [proportion_interval(int(o), int(m)) if m else None for o, m in zip(n_overlap, n, strict=True)]
    draw = generator(seed, "selection", "posterior")
    return pd.DataFrame(
        {
            "source": source_set.names,
            "size": source_set.sizes,
            "price": source_set.costs,
            "take": n,
            "cost": n * source_set.costs,
            "n_overlap": n_overlap,
            "density": [np.nan if each is None else each.value for each in intervals],
            "low": [np.nan if each is None else each.low for each in intervals],
            "high": [np.nan if each is None else each.high for each in intervals],
            "best_chance": best_chances(m_overlap, m, source_set, draw),
        }
    )


def _bought(purchases: Sequence[Purchase], k: int) -> tuple[IntArray, IntArray]:
    """(K,) points bought from each source, and (K,) overlap points among them."""
    chosen = np.array([each.source for each in purchases], dtype=np.int64)
    counts = np.array([(len(each.points), each.overlap.sum()) for each in purchases]).reshape(-1, 2)
    n, n_overlap = (np.bincount(chosen, weights=column, minlength=k).astype(int) for column in counts.T)
    return n, n_overlap


def period_table(source_set: SourceSet, trace: Trace) -> pd.DataFrame:
    """One row a period and source: points there, density as detected, points taken, whether it was the best buy then."""
    import pandas as pd

    rows = []
    for t, then in enumerate(source_set.times):
        bought = [purchase for purchase in trace.purchases if purchase.period == t]
        take = [sum(len(each.points) for each in bought if each.source == k) for k in range(len(source_set.names))]
        worth = np.where(then.sizes > 0, then.detected / source_set.costs, -np.inf)
        for k, name in enumerate(source_set.names):
            density = then.detected[k] if then.sizes[k] else np.nan
            best = bool(then.sizes[k] and worth[k] == worth.max())
            rows.append((then.name, name, int(then.sizes[k]), density, take[k], best))
    return pd.DataFrame(rows, columns=["period", "source", "size", "density", "take", "best"])


def period_note(table: pd.DataFrame) -> str:
    """What a reader must know of sources that are bought from period by period, of a `period_table`."""
    best = table[table["best"]].groupby("period")["source"].agg(frozenset)
    changes = sum(not (a & b) for a, b in itertools.pairwise(best))
    right = float(table.loc[table["best"], "take"].sum() / max(table["take"].sum(), 1))
    return (
        f"Sources are bought from period by period, {len(best)} from {best.index[0]} to {best.index[-1]}: regret counts "
        f"against the best source of each, which changes {changes} times; {100 * right:.0f} % of the points were bought "
        "there. The plan adds up all periods; which source is best is told of the last."
    )


def source_metrics(table: pd.DataFrame) -> dict[str, float | None]:
    """The rows of `source_table` as metrics, and the chance that the best one is best."""
    metrics: dict[str, float | None] = {"selection/best_chance": float(table["best_chance"].max())}
    columns = {"take": "take/{}", "density": "source_density/{}", "best_chance": "best_chance/{}"}
    columns |= {"low": "source_density/{}/low", "high": "source_density/{}/high"}
    columns |= {"label_accuracy": "label_accuracy/{}", "label_low": "label_accuracy/{}/low"}
    columns |= {"label_high": "label_accuracy/{}/high"}
    for column, name in columns.items():
        if column not in table:
            continue
        values = table[column].astype("float64")
        metrics |= {f"selection/{name.format(source)}": value for source, value in zip(table["source"], values, strict=True)}
    return metrics


def audit_columns(prepared: PreparedPool, source_set: SourceSet, labels: int) -> dict[str, FloatArray]:
    """(K,) share of right weak labels in each source with its 95 % interval, from `labels` true labels a source.

    Post-stratified by the region the detector gives the points; NaN for a source without points. A detector that errs
    differently from source to source shows here: the source it praises has no better labels than the others.
    """
    draw = generator(prepared.seed, "selection", "audit")
    truth = prepared.splits.pool.truth("audit of the weak labels")
    right, regions = correct(prepared.weak_pool, truth), prepared.partition.regions
    rows = np.full((len(source_set.names), 3), np.nan)
    for k, members in enumerate(source_set.members):
        if len(members):
            audited = draw.permutation(members)[:labels]
            codes, counts = np.unique(regions[members], return_counts=True)
            shares = dict(zip(codes.tolist(), (counts / len(members)).tolist(), strict=True))
            found = stratified_interval(right[audited], regions[audited], shares)
            rows[k] = found.value, found.low, found.high
    return {"label_accuracy": rows[:, 0], "label_low": rows[:, 1], "label_high": rows[:, 2]}


def best_chances(n_overlap: IntArray, n: IntArray, source_set: SourceSet, draw: np.random.Generator) -> FloatArray:
    """(K,) posterior chance of each source to hold the most overlap for its money; sums to 1."""
    density = draw.beta(1 + n_overlap, 1 + n - n_overlap, size=(POSTERIOR_DRAWS, len(n))) / source_set.costs
    density[:, source_set.times[-1].sizes == 0] = -1.0
    return np.bincount(density.argmax(axis=1), minlength=len(n)) / POSTERIOR_DRAWS


def smallest_difference(gain: Moments) -> float:
    """The difference in accuracy that a test on the measured gain would find with probability .8 at level .05."""
    return POWER_QUANTILES * math.sqrt(max(float(gain.covariance[0, 0]), 0.0))


@dataclass(frozen=True)
class GoldLabels:
    """How many gold labels a student is worth."""

    needed: int | None
    """Labels with which the strong model does as well; None where all at hand are too few."""
    available: int
    """Gold labels at hand: those of weak_train."""


def at_chance(prepared: PreparedPool, right: BoolArray) -> bool:
    """Whether the Wilson interval of a student's accuracy reaches down to that of weak_train's most frequent class.

    Args:
        prepared: the pool, with the test points.
        right: (n,) whether the student is right on each test point.
    """
    answer = int(prior_of(prepared.splits).argmax())
    constant = float(np.mean(prepared.test_labels() == answer))
    return proportion_interval(int(right.sum()), len(right)).low <= constant


def gold_labels(prepared: PreparedPool, accuracy: float, *, draws: int) -> GoldLabels:
    """Fewest of weak_train's gold labels with which the strong model reaches `accuracy` in the mean over `draws`.

    Tried in steps of a factor `GROWTH`; between two steps accuracy is taken to be linear in the logarithm.
    """
    labels = prepared.splits.weak_train.truth("gold exchange rate: the weak model's own training labels")
    targets, inputs = one_hot(labels, prepared.n_classes), prepared.strong_weak_train
    tested = prepared.test_labels()
    orders = [generator(prepared.seed, "selection", "gold", i).permutation(len(labels)) for i in range(draws)]
    before: tuple[int, float] | None = None
    for size in gold_sizes(len(labels)):
        parts = [order[:size] for order in orders]
        learned = [inputs.take(part) for part in parts], [targets[part] for part in parts]
        answers = predict_each(prepared.learners.control, *learned, prepared.strong_test, prepared.validation)
        reached = float(np.mean([np.mean(correct(answer, tested)) for answer in answers]))
        if reached >= accuracy:
            return GoldLabels(between(before, (size, reached), accuracy), len(labels))
        before = size, reached
    return GoldLabels(None, len(labels))


def gold_sizes(n: int) -> list[int]:
    """Ascending label counts to try, from 2 to n."""
    steps = max(0, math.ceil(math.log(max(n, 2) / 2, GROWTH)))
    return sorted({min(n, round(2 * GROWTH**i)) for i in range(steps + 1)})


def between(before: tuple[int, float] | None, after: tuple[int, float], accuracy: float) -> int:
    """The label count at `accuracy` between two (count, accuracy) steps."""
    if before is None or after[1] <= before[1]:
        return after[0]
    share = max(0.0, (accuracy - before[1]) / (after[1] - before[1]))
    return math.ceil(before[0] * math.pow(after[0] / before[0], share) - 1e-9)
