"""How far new data lie from the pool that a run was fitted on: two-sample tests, with the size of each difference.

The detector was fitted on the pool, so that its scores of other points differ a little even where these are drawn alike: a
distance of .08 (p = .004) between 571 reviews of a pool and 10,901 others of the same source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2s.pool.handover import Distribution, Handover
from w2s.statistics.intervals import proportion_interval
from w2s.study.apply.row_counts import COUNTED, RowCounts
from w2s.types import IntArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Drift:
    """One difference between pool and new data."""

    what: str
    test: str
    effect: float
    """0 for none: the largest difference of shares below a value (KS), or Cramer's V."""
    p: float
    above: float | None
    """Chance that a new number is larger than one of the pool, ties half; .5 for none. None where nothing is ordered."""
    n_pool: int
    n_new: int


def drifts(pool: Handover, new: RowCounts) -> Iterator[Drift]:
    """Confidence and score by Kolmogorov-Smirnov at the pool's quantiles; sources, weak classes and regions by chi-square.

    Between two quantiles the counts are not told apart, so that a KS distance is a lower bound, by at most one bin's share.
    """
    numbers: tuple[tuple[str, Distribution, IntArray], ...] = (
        ("confidence", pool.confidence, new.confidence),
        ("score", pool.score, new.score),
    )
    for what, known, counts in numbers:
        if known.counts.sum() and counts.sum():
            yield _kolmogorov_smirnov(what, known.counts, counts)
    if pool.sources is not None and pool.source_counts is not None and set(new.groups) != {""}:
        totals = {source: sum(map(sum, months.values())) for source, months in new.groups.items()}
        known_names = pool.sources.tolist()
        names = [*known_names, *sorted(set(totals) - set(known_names))]
        before = np.zeros(len(names), dtype=np.int64)
        before[: len(known_names)] = pool.source_counts
        yield _chi_square("sources", before, np.array([totals.get(name, 0) for name in names]))
    yield _chi_square("weak_classes", pool.weak_classes, new.weak_classes)
    yield _chi_square("regions", pool.regions, new.regions)


def _kolmogorov_smirnov(what: str, pool: IntArray, new: IntArray) -> Drift:
    from scipy.stats import kstwobign

    n, m = int(pool.sum()), int(new.sum())
    below = np.cumsum(pool) / n, np.cumsum(new) / m
    distance = float(np.max(np.abs(below[0] - below[1])))
    earlier = np.concatenate([[0.0], below[0][:-1]])
    above = float(np.sum(new / m * (earlier + pool / n / 2)))
    p = float(kstwobign.sf(distance * np.sqrt(n * m / (n + m))))
    return Drift(what, "Kolmogorov-Smirnov", distance, p, above, n, m)


def _chi_square(what: str, pool: IntArray, new: IntArray) -> Drift:
    from scipy.stats import chi2

    table = np.stack([pool, new]).astype(np.float64)
    table = table[:, table.sum(axis=0) > 0]
    n, categories = table.sum(), table.shape[1]
    effect, p = 0.0, 1.0
    if categories > 1 and table.sum(axis=1).all():
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
        statistic = float(np.sum((table - expected) ** 2 / expected))
        effect, p = float(np.sqrt(statistic / n)), float(chi2.sf(statistic, categories - 1))
    return Drift(what, "chi-square", effect, p, None, int(pool.sum()), int(new.sum()))


def counts_table(new: RowCounts) -> pd.DataFrame:
    """A row for each source and month: rows, regions, and the share of overlap with its Wilson interval."""
    import pandas as pd

    rows = []
    for source, months in sorted(new.groups.items()):
        for month, counts in sorted(months.items()):
            named = dict(zip(COUNTED, counts, strict=True))
            share = proportion_interval(named["overlap"], sum(counts))
            ends = {"density": share.value, "density_low": share.low, "density_high": share.high}
            rows.append({"source": source, "month": month, "rows": sum(counts), **named, **ends})
    return pd.DataFrame(rows)
