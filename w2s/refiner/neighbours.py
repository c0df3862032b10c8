"""Labels in the light of a point's nearest neighbours in the strong representation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.protocols import PoolView
from w2s.statistics.accuracy import predicted
from w2s.types import FloatArray, IntArray
from w2s.utils.ranges import Count, Share, Steps, checked


def nearest(strong: FloatArray, k: int, *, itself: bool = False) -> tuple[IntArray, FloatArray]:
    """Positions and Euclidean distances (n, q) of the q = min(k, n - 1) nearest others, or min(k, n) with itself."""
    from sklearn.neighbors import NearestNeighbors

    k = min(k, len(strong) if itself else len(strong) - 1)
    if k == 0:
        return np.zeros((len(strong), 0), dtype=np.int64), np.zeros((len(strong), 0))
    distances, index = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(strong).kneighbors(strong if itself else None)
    return np.asarray(index), np.asarray(distances)


@dataclass(frozen=True, kw_only=True)
@checked
class NeighbourOpinion:
    """The mean weak label of the k nearest points."""

    k: Count = 50
    itself: bool = False
    """Whether a point is one of its own neighbours, as in released code: its own label then counts 1 / k."""

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C); a single point keeps its label."""
        index, _ = nearest(view.evidence.strong, self.k, itself=self.itself)
        return np.asarray(targets[index].mean(axis=1)) if index.shape[1] else targets


@dataclass(frozen=True, kw_only=True)
@checked
class SmoothedOpinion:
    """F := pull x mean F of the k nearest others + (1 - pull) weak label, again and again (Zhou et al., NIPS 2003)."""

    k: Count = 10
    pull: Share = 0.5
    rounds: Steps = 10

    def labels(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n, C)."""
        index, _ = nearest(view.evidence.strong, self.k)
        smooth = targets
        for _ in range(self.rounds if index.shape[1] else 0):
            smooth = self.pull * smooth[index].mean(axis=1) + (1 - self.pull) * targets
        return smooth


@dataclass(frozen=True, kw_only=True)
@checked
class CutStatistic:
    """How much weight lies on edges to other weak labels, against labels drawn at random (arXiv 2206.02914, section 3)."""

    k: Count = 20

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1], the normal distribution function of the statistic."""
        from scipy.stats import norm

        index, distance = nearest(view.evidence.strong, self.k)
        weights, classes = 1 / (1 + distance), predicted(targets)
        same = (np.bincount(classes, minlength=targets.shape[1]) / len(classes))[classes]
        cut = np.sum(weights * (classes[index] != classes[:, None]), axis=1)
        deviation = np.sqrt(same * (1 - same) * np.sum(weights**2, axis=1))
        surplus = cut - (1 - same) * weights.sum(axis=1)
        return np.asarray(norm.cdf(np.divide(surplus, deviation, out=np.zeros_like(surplus), where=deviation > 0)))


@dataclass(frozen=True, kw_only=True)
@checked
class Topological:
    """Points outside the largest strongly connected component of their weak class's kNN graph, then those far from others.

    P. Wu et al., "A topological filter for learning with label noise", arXiv 2012.04835.
    """

    k: Count = 50

    def doubt(self, view: PoolView, targets: FloatArray) -> FloatArray:
        """(n,) in [0, 1]: at least 1/2 outside the component, else by the mean distance to the k nearest of the class."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components
        from scipy.stats import rankdata

        classes = predicted(targets)
        outside, far = np.zeros(len(classes)), np.zeros(len(classes))
        for k in np.unique(classes):
            members = np.flatnonzero(classes == k)
            index, distance = nearest(view.evidence.strong[members], self.k)
            rows = np.repeat(np.arange(len(members)), index.shape[1])
            graph = csr_array((np.ones(len(rows)), (rows, index.ravel())), shape=(len(members), len(members)))
            part = connected_components(graph, directed=True, connection="strong")[1]
            outside[members] = part != np.argmax(np.bincount(part))
            far[members] = distance.mean(axis=1) if index.shape[1] else 0.0
        return np.asarray((outside + (rankdata(far) - 1) / len(far)) / 2)
