"""Votes of labelling functions (n, L), -1 to abstain, as features and as counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.errors import DataError, ModelError
from w2s.types import BoolArray, Column, FloatArray, Inputs, IntArray

ABSTAIN = -1


@dataclass(frozen=True)
class Votes:
    """The votes as features: an indicator for every (function, class) pair that occurs; abstaining is all zeros."""

    reads: ClassVar[Column] = "votes"

    def fit(self, inputs: Inputs) -> FittedVotes:
        """Find the pairs that occur.

        Raises:
            ModelError: the data has no votes.
            DataError: every function abstains on every point.
        """
        votes = votes_of(inputs)
        if not np.any(votes != ABSTAIN):
            raise DataError(
                f"All {votes.shape[1]} labelling functions abstain on all {len(votes)} points of weak_train.\n"
                "Add a function that votes, or points on which one does; -1 means abstain."
            )
        pairs = [(j, k) for j in range(votes.shape[1]) for k in np.unique(votes[:, j]).tolist() if k != ABSTAIN]
        functions, classes = np.array(pairs).T
        return FittedVotes(functions, classes)


@dataclass(frozen=True)
class FittedVotes:
    """The e pairs that became features."""

    functions: IntArray
    """(e,) in {0 ... L-1}."""
    classes: IntArray
    """(e,) in {0 ... C-1}."""

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, e) in {0, 1}."""
        return np.asarray(votes_of(inputs)[:, self.functions] == self.classes, dtype=np.float32)


def votes_of(inputs: Inputs) -> IntArray:
    """(n, L) the inputs' votes.

    Raises:
        ModelError: the data has none.
    """
    if inputs.votes is None:
        raise ModelError(
            "This model reads votes of labelling functions, but the data set has none.\n"
            "Use dataset=wrench, or name the columns that hold votes: dataset=table dataset.votes=[lf_1,lf_2]."
        )
    return inputs.votes


def counts(votes: IntArray, n_classes: int) -> FloatArray:
    """(n, C) votes for each class.

    Raises:
        DataError: a vote is for none of the classes.
    """
    wrong = (votes < ABSTAIN) | (votes >= n_classes)
    if np.any(wrong):
        point, function = np.argwhere(wrong)[0]
        raise DataError(
            f"Labelling function {function} votes {votes[point, function]} on point {point}, "
            f"but the classes are 0 to {n_classes - 1}.\nA vote is a class code, or {ABSTAIN} to abstain."
        )
    return np.asarray(indicators(votes, n_classes)[:, :, :n_classes].sum(axis=1))


def indicators(votes: IntArray, n_classes: int) -> FloatArray:
    """(n, L, C + 1) in {0, 1}: which class each function votes for; the last stands for abstaining."""
    return np.asarray(votes[:, :, None] == [*range(n_classes), ABSTAIN], dtype=np.float64)


def uncovered(votes: IntArray) -> BoolArray:
    """(n,) whether every function abstains, of (n, L) votes."""
    return np.asarray(np.all(votes == ABSTAIN, axis=1))
