"""Labelling functions as the weak model: votes in, probabilities out. Unsupervised.

L functions vote on each point, -1 to abstain. A label model is fitted on votes alone: of the targets it is handed it reads
nothing but the class count C. A point on which every function abstains is *uncovered*; what is said of it is a named
choice. To leave such points out altogether, drop them where the data is read (`uncovered=drop` of the data set).

Votes give confidences of few distinct values. Detectors split them by `confidence <= tau`, tau the smallest value above the
best split, so the lowest value of the upper part counts as hard, too. With three values, only the surest points are left
beside the hard ones. With two (a vote or none), every point is hard; with one, there is no split, or with the released
change point, which always splits, every point is hard: no detector finds overlap then, and `Partition.reason` says why.
`released_selection` splits by `confidence < tau` and keeps the surer of two values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from w2s.errors import ModelError, require
from w2s.identity import identity
from w2s.model.representation import features_of
from w2s.model.training_targets import class_count
from w2s.model.votes.label_model import Uncovered, break_ties
from w2s.model.votes.votes import counts, votes_of
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import NotNegative, Seed, checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class MajorityVote:
    """p(class) = its share of the votes cast. Every function counts the same, whatever its accuracy."""

    reads: ClassVar[Column] = "votes"

    smoothing: NotNegative = 1.0
    """Votes shared equally by all classes and added to each point's. At 0 one vote is as sure as ten that agree;
    above, confidence grows with the votes and takes more distinct values."""
    ties: Literal["keep", "random"] = "keep"
    """`keep` equal probabilities of classes with equally many votes; `random` puts one of them ahead by `TIE_MARGIN`."""
    uncovered: Uncovered = "prior"
    """The prior is uniform."""
    seed: Seed = 0
    """Of the random answers."""

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedMajorityVote:
        """Nothing to fit: of the targets only the class count is read.

        Raises:
            ModelError: points have weights, which would change nothing.
        """
        require(
            weights is None,
            "A majority vote is not fitted, so that weights of points change nothing.\nUse weak_model=dawid_skene.",
            ModelError,
        )
        n_classes = class_count(targets)
        counts(votes_of(inputs), n_classes)
        return FittedMajorityVote(self, n_classes)


@dataclass(frozen=True)
class FittedMajorityVote:
    """Majority vote among C classes."""

    choice: MajorityVote
    n_classes: int

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) smoothed shares of the votes."""
        cast = counts(votes_of(inputs), self.n_classes)
        shares = vote_shares(cast + self.choice.smoothing / self.n_classes)
        silent = cast.sum(axis=1) == 0
        tied = ~silent & (np.sum(cast == cast.max(axis=1, keepdims=True), axis=1) > 1)
        undecided = silent & (self.choice.uncovered == "random") | tied & (self.choice.ties == "random")
        return break_ties(shares, undecided, self.choice.seed)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, e) the votes as features."""
        return features_of(inputs)


def vote_shares(cast: FloatArray) -> FloatArray:
    """(n, C) each class's share of the votes `cast` (n, C); equal shares where there are none."""
    total = cast.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, cast, 1.0) / np.where(total > 0, total, cast.shape[1]))
