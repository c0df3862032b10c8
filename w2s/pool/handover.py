"""What a pool hands over to those who apply what was fitted on it: names, how it was read, and how its points were spread.

No point of the data is in it: distributions are counts between quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from w2s.types import ColumnRoles, FloatArray, IntArray, Region, StrArray

if TYPE_CHECKING:
    from w2s.pool.pool import PreparedPool

BINS = 1_024
"""Quantiles that a distribution is kept by, at most."""
MOST_SOURCES = 100_000
"""With more of them no mix of sources is kept."""


@dataclass(frozen=True)
class Distribution:
    """Numbers by counts between quantiles of the pool: exact at the edges, where two samples are compared."""

    edges: FloatArray
    """(q,) ascending quantiles of the pool; q >= 0."""
    counts: IntArray
    """(q + 1,) finite numbers of the pool up to each edge and above the one before; the last beyond all of them."""

    @staticmethod
    def of(values: FloatArray) -> Distribution:
        """Of the finite ones of (n,) values."""
        finite = np.sort(values[np.isfinite(values)])
        edges = np.unique(finite[np.unique(np.linspace(0, len(finite) - 1, BINS).astype(int))]) if len(finite) else finite
        return Distribution(edges, binned(finite, edges))


@dataclass(frozen=True)
class Handover:
    """How the pool of a run was read and spread."""

    classes: tuple[str, ...]
    """Names of the C classes."""
    seed: int
    """Of the run."""
    width: int
    """Feature columns d of the data, before any model reads them; 0 for none."""
    columns: ColumnRoles | None
    """None where the data is no table."""
    refined: bool
    """Whether the detector read refined labels, which new points do not have."""
    confidence: Distribution
    score: Distribution
    regions: IntArray
    """(4,) points that are unknown, easy, hard, overlap."""
    weak_classes: IntArray
    """(C,) points that the weak model gives each class."""
    sources: StrArray | None
    """Names of the pool's sources."""
    source_counts: IntArray | None

    @staticmethod
    def of(prepared: PreparedPool, *, refined: bool) -> Handover:
        """Of a prepared pool."""
        pool, partition = prepared.splits.pool, prepared.partition
        features = pool.inputs.features
        names, counts = (None, None) if pool.sources is None else np.unique(pool.sources, return_counts=True)
        kept = names is not None and len(names) <= MOST_SOURCES
        return Handover(
            classes=prepared.splits.classes,
            seed=prepared.seed,
            width=0 if features is None else features.shape[1],
            columns=prepared.splits.columns,
            refined=refined,
            confidence=Distribution.of(partition.confidence),
            score=Distribution.of(partition.score),
            regions=region_counts(partition.regions),
            weak_classes=np.bincount(prepared.weak_classes, minlength=prepared.n_classes),
            sources=names if kept else None,
            source_counts=counts if kept else None,
        )


def binned(values: FloatArray, edges: FloatArray) -> IntArray:
    """(q + 1,) finite ones of (n,) `values` in each bin of (q,) `edges`, an edge belonging to the bin below."""
    places = np.searchsorted(edges, values[np.isfinite(values)], side="left")
    return np.bincount(places, minlength=len(edges) + 1)


def region_counts(regions: IntArray) -> IntArray:
    """(4,) how many of (n,) `Region` codes are unknown, easy, hard, overlap."""
    return np.bincount(np.asarray(regions) - int(Region.UNKNOWN), minlength=len(Region))
