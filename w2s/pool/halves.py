"""Dealing the training points into weak_train and pool by the run's seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from w2s.seeding import generator
from w2s.types import IntArray, Split, Splits


def halved(splits: Splits, seed: int) -> Splits:
    """The same data with weak_train and pool dealt anew by `seed`, their sizes kept; the test set is every seed's.

    Where regions are planted, each half keeps its number of points of each region. Data with fixed halves stays as it is.
    """
    if splits.fixed_halves:
        return splits
    both = Split.concatenate([splits.weak_train, splits.pool])
    order: IntArray = generator(seed, "halves").permutation(len(both))
    if both.planted is not None:
        order = _keep_counts(both.planted.open("halving keeps the planted counts"), order, len(splits.weak_train))
    n = len(splits.weak_train)
    return replace(splits, weak_train=both.take(order[:n]), pool=both.take(order[n:]))


def _keep_counts(regions: IntArray, order: IntArray, n: int) -> IntArray:
    """`order` changed so that its first `n` points hold as many of each region as the first `n` of `regions` do."""
    first: list[int] = []
    for region in np.unique(regions):
        members = order[regions[order] == region]
        first.extend(members[: int(np.sum(regions[:n] == region))].tolist())
    chosen = np.isin(order, first)
    return np.concatenate([order[chosen], order[~chosen]])
