"""Overlap by the company a point keeps in the strong representation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.detector.base import Score, TwoStepDetector
from w2s.detector.rows import nearest_others
from w2s.errors import require
from w2s.protocols import Learner
from w2s.statistics.metrics import predicted
from w2s.types import BoolArray, Evidence, FloatArray


@dataclass(frozen=True, kw_only=True)
class MixedNeighbourhood(TwoStepDetector):
    """score = 1 - |2 q - 1|, q the share of hard points among the k nearest: overlap points lie between both kinds.

    Neighbourhood purity as in TopoFilter (P. Wu et al., arXiv 2012.04835), read for hard against confident points.
    """

    k: int = 20
    """Neighbours, >= 1."""

    def __post_init__(self) -> None:
        require(self.k >= 1, f"k={self.k}: a neighbourhood has at least 1 point.")

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Keep the pool and its hard points."""

        def score(points: Evidence) -> FloatArray:
            """(n,) of n points."""
            index, distance = nearest_others(points, evidence, self.k)
            there = np.isfinite(distance)
            q = np.sum(hard[index] & there, axis=1) / np.maximum(there.sum(axis=1), 1)
            return np.asarray(1 - np.abs(2 * q - 1))

        return score


@dataclass(frozen=True, kw_only=True)
class CutStatistic(TwoStepDetector):
    """score = -(J - E[J]) / sd(J), J the weight of the edges to neighbours of another weak label.

    J_i = sum over the k nearest j of w_ij [y_j != y_i], w_ij = 1 / (1 + distance); expectation and deviation are those of
    labels drawn at random with the pool's shares (H. Lang, A. Vijayaraghavan, D. Sontag, arXiv 2206.02914, section 3).
    """

    k: int = 20
    """Neighbours, >= 1."""

    def __post_init__(self) -> None:
        require(self.k >= 1, f"k={self.k}: a neighbourhood has at least 1 point.")

    def fit_score(self, evidence: Evidence, hard: BoolArray, probe: Learner) -> Score:
        """Keep the pool and its weak labels."""
        labels = predicted(evidence.probabilities)
        shares = np.bincount(labels, minlength=evidence.probabilities.shape[1]) / len(labels)

        def score(points: Evidence) -> FloatArray:
            """(n,) of n points."""
            index, distance = nearest_others(points, evidence, self.k)
            weights, own = 1 / (1 + distance), predicted(points.probabilities)
            same = shares[own]
            cut = np.sum(weights * (labels[index] != own[:, None]), axis=1)
            deviation = np.sqrt(same * (1 - same) * np.sum(weights**2, axis=1))
            surplus = cut - (1 - same) * weights.sum(axis=1)
            return np.asarray(-np.divide(surplus, deviation, out=np.zeros_like(surplus), where=deviation > 0))

        return score
