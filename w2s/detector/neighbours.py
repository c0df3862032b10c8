"""Overlap by a point's nearest neighbours in the strong representation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.detector.base import TwoStepDetector
from w2s.detector.rows import NearestNeighbours
from w2s.protocols import Learner
from w2s.statistics.accuracy import predicted
from w2s.types import BoolArray, Evidence, FloatArray, IntArray
from w2s.utils.ranges import Count


@dataclass(frozen=True, kw_only=True)
class _Neighbourhood(TwoStepDetector):
    k: Count = 20
    """Neighbours."""


@dataclass(frozen=True, kw_only=True)
class MixedNeighbourhood(_Neighbourhood):
    """score = 1 - |2 q - 1|, q the share of hard points among the k nearest: overlap points lie between both kinds.

    Neighbourhood purity as in TopoFilter (P. Wu et al., arXiv 2012.04835), read for hard against confident points.
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> MixedNeighbourhoodScore:
        """Keep the pool and its hard points."""
        return MixedNeighbourhoodScore(NearestNeighbours.among(evidence, self.k), hard)


@dataclass(frozen=True)
class MixedNeighbourhoodScore:
    """How evenly a neighbourhood is made of hard and other points."""

    neighbours: NearestNeighbours
    hard: BoolArray
    """(m,) which reference points are hard."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) in [0, 1]."""
        index, distance = self.neighbours.search(points)
        there = np.isfinite(distance)
        q = np.sum(self.hard[index] & there, axis=1) / np.maximum(there.sum(axis=1), 1)
        return np.asarray(1 - np.abs(2 * q - 1))


@dataclass(frozen=True, kw_only=True)
class CutStatistic(_Neighbourhood):
    """score = -(J - E[J]) / sd(J), J the weight of the edges to neighbours of another weak label.

    J_i = sum over the k nearest j of w_ij [y_j != y_i], w_ij = 1 / (1 + distance); expectation and deviation are those of
    labels drawn at random with the pool's shares (H. Lang, A. Vijayaraghavan, D. Sontag, arXiv 2206.02914, section 3).
    """

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> CutStatisticScore:
        """Keep the pool and its weak labels."""
        labels = predicted(evidence.probabilities)
        shares = np.bincount(labels, minlength=evidence.probabilities.shape[1]) / len(labels)
        return CutStatisticScore(NearestNeighbours.among(evidence, self.k), labels, shares)


@dataclass(frozen=True)
class CutStatisticScore:
    """Weight of the edges to another label against its expectation, in standard deviations, the sign turned."""

    neighbours: NearestNeighbours
    labels: IntArray
    """(m,) weak class of each reference point."""
    shares: FloatArray
    """(C,) of each weak class among them."""

    def __call__(self, points: Evidence) -> FloatArray:
        """(n,) high where the neighbours carry the point's own weak label."""
        index, distance = self.neighbours.search(points)
        weights, own = 1 / (1 + distance), predicted(points.probabilities)
        same = self.shares[own]
        cut = np.sum(weights * (self.labels[index] != own[:, None]), axis=1)
        deviation = np.sqrt(same * (1 - same) * np.sum(weights**2, axis=1))
        surplus = cut - (1 - same) * weights.sum(axis=1)
        return np.asarray(-np.divide(surplus, deviation, out=np.zeros_like(surplus), where=deviation > 0))
