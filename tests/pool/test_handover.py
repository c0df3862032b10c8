import numpy as np

from w2s.pool.handover import BINS, Distribution, binned, region_counts
from w2s.types import Region


def test_a_distribution_is_exact_at_its_edges_and_leaves_out_what_is_not_finite() -> None:
    values = np.random.default_rng(0).normal(size=5_000)
    kept = Distribution.of(np.append(values, np.nan))
    assert len(kept.edges) <= BINS
    assert kept.counts.sum() == 5_000
    assert kept.counts[-1] == 0  # none lies beyond the largest
    assert np.array_equal(np.cumsum(kept.counts)[:-1], (values[:, None] <= kept.edges).sum(axis=0))


def test_of_no_number_there_is_one_empty_bin() -> None:
    kept = Distribution.of(np.full(3, np.nan))
    assert len(kept.edges) == 0
    assert kept.counts.tolist() == [0]
    assert binned(np.array([1.0, 2.0]), kept.edges).tolist() == [2]


def test_regions_are_counted_from_unknown_on() -> None:
    assert region_counts(np.array([Region.OVERLAP, Region.UNKNOWN, Region.OVERLAP])).tolist() == [1, 0, 0, 2]
