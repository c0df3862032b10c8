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

from w2s.errors import DataError, ModelError, require
from w2s.identity import identity
from w2s.model.training_targets import class_count
from w2s.seeding import generator
from w2s.types import BoolArray, Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import NotNegative, Seed, checked

ABSTAIN = -1

Uncovered = Literal["prior", "random"]
"""`prior`: the class prior; where it is uniform, hard labels made of it are all class 0.
`random`: a class drawn at random, `TIE_MARGIN` above the others."""

TIE_MARGIN = 1e-6
"""What a random answer adds to a probability: enough to decide the label, and no confidence."""


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
        return represented(inputs)


def vote_shares(cast: FloatArray) -> FloatArray:
    """(n, C) each class's share of the votes `cast` (n, C); equal shares where there are none."""
    total = cast.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, cast, 1.0) / np.where(total > 0, total, cast.shape[1]))


@dataclass(frozen=True)
class FittedLabelModel:
    """p(class | votes) ~ p(class) x product over the functions of p(vote | class): conditional independence."""

    prior: FloatArray
    """(C,) sums to 1."""
    likelihood: FloatArray
    """(L, C, C + 1) > 0: p(function j votes v | class k) at [j, k, v], its abstaining at [j, k, C]; 1 there where
    abstaining carries no information."""
    uncovered: Uncovered
    seed: int

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) posterior probabilities."""
        votes = votes_of(inputs)
        n_classes = len(self.prior)
        counts(votes, n_classes)
        if votes.shape[1] != len(self.likelihood):
            raise DataError(f"{votes.shape[1]} labelling functions vote here, but {len(self.likelihood)} did in training.")
        posterior = posteriors(indicators(votes, n_classes), self.prior, self.likelihood)
        undecided = uncovered(votes)
        if self.uncovered == "prior":
            posterior[undecided] = self.prior
            return posterior
        posterior[undecided] = 1 / n_classes
        return break_ties(posterior, undecided, self.seed)

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, e) the votes as features."""
        return represented(inputs)


def posteriors(cast: FloatArray, prior: FloatArray, likelihood: FloatArray) -> FloatArray:
    """(n, C) posterior given `cast` (n, L, C + 1) indicators, by Bayes' rule with independent functions."""
    from scipy.special import softmax

    return np.asarray(softmax(log_joint(cast, prior, likelihood), axis=1))


def log_joint(cast: FloatArray, prior: FloatArray, likelihood: FloatArray) -> FloatArray:
    """(n, C) log probability of each class together with the votes cast."""
    n_functions, n_classes, n_outcomes = likelihood.shape
    table = np.log(likelihood).swapaxes(1, 2).reshape(n_functions * n_outcomes, n_classes)
    return np.asarray(np.log(prior) + cast.reshape(len(cast), -1) @ table)


def indicators(votes: IntArray, n_classes: int) -> FloatArray:
    """(n, L, C + 1) in {0, 1}: which class each function votes for; the last stands for abstaining."""
    return np.asarray(votes[:, :, None] == [*range(n_classes), ABSTAIN], dtype=np.float64)


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


def uncovered(votes: IntArray) -> BoolArray:
    """(n,) whether every function abstains, of (n, L) votes."""
    return np.asarray(np.all(votes == ABSTAIN, axis=1))


def break_ties(probabilities: FloatArray, undecided: BoolArray, seed: int) -> FloatArray:
    """(n, C) where each of the `undecided` points gets `TIE_MARGIN` more for one of its likeliest classes, drawn at random.

    The i-th point of a call has the i-th draw of the stream, whatever the points around it are.
    """
    chance = generator(seed, "label model", "undecided").uniform(size=probabilities.shape)
    best = probabilities == probabilities.max(axis=1, keepdims=True)
    ahead = np.eye(probabilities.shape[1])[np.argmax(np.where(best, chance, -1.0), axis=1)]
    return np.where(undecided[:, None], (1 - TIE_MARGIN) * probabilities + TIE_MARGIN * ahead, probabilities)


def checked_balance(balance: tuple[float, ...] | None) -> None:
    """Refuse a class balance that is no distribution with every class in it."""
    proper = balance is None or (len(balance) > 1 and min(balance) > 0 and abs(sum(balance) - 1) < 1e-6)
    require(proper, f"class_balance={balance}: one share above 0 for each class, summing to 1, or null.")


def represented(inputs: Inputs) -> FloatArray:
    """(n, e) what the representation made of the votes."""
    assert inputs.features is not None, "a label model represents votes as its representation encoded them"
    return inputs.features


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
