"""Dealing the training points into weak_train and pool by the run's seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from w2s.seeding import generator
from w2s.types import IntArray, Sealed, Split, Splits


def halved(splits: Splits, seed: int) -> Splits:
    """The same data with weak_train and pool dealt anew by `seed`, their sizes kept; the test set is every seed's.

    Where regions are planted, each half keeps its number of points of each region. Data with fixed halves stays as it is.
    """
    if splits.fixed_halves:
        return splits
    both = [splits.weak_train, splits.pool]
    n = len(splits.weak_train)
    order: IntArray = generator(seed, "halves").permutation(n + len(splits.pool))
    planted = [each.planted for each in both if each.planted is not None]
    if planted:
        order = _keep_counts(Sealed.concatenate(planted).open("halving keeps the planted counts"), order, n)
    return replace(splits, weak_train=Split.concatenate(both, order[:n]), pool=Split.concatenate(both, order[n:]))


def _keep_counts(regions: IntArray, order: IntArray, n: int) -> IntArray:
    """`order` changed so that its first `n` points hold as many of each region as the first `n` of `regions` do."""
    chosen = np.zeros(len(order), dtype=np.bool_)
    for region in np.unique(regions):
        places = np.flatnonzero(regions[order] == region)
        chosen[places[: int(np.sum(regions[:n] == region))]] = True
    return np.concatenate([order[chosen], order[~chosen]])
