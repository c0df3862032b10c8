"""What label models share: a point's classes given its votes, and what is said where votes do not decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from w2s.errors import DataError
from w2s.model.representation import features_of
from w2s.model.votes.votes import counts, indicators, uncovered, votes_of
from w2s.seeding import generator
from w2s.types import BoolArray, FloatArray, Inputs

Uncovered = Literal["prior", "random"]
"""`prior`: the class prior; where it is uniform, hard labels made of it are all class 0.
`random`: a class drawn at random, `TIE_MARGIN` above the others."""
TIE_MARGIN = 1e-6
"""What a random answer adds to a probability: enough to decide the label, and no confidence."""


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
        return features_of(inputs)


def posteriors(cast: FloatArray, prior: FloatArray, likelihood: FloatArray) -> FloatArray:
    """(n, C) posterior given `cast` (n, L, C + 1) indicators, by Bayes' rule with independent functions."""
    from scipy.special import softmax

    return np.asarray(softmax(log_joint(cast, prior, likelihood), axis=1))


def log_joint(cast: FloatArray, prior: FloatArray, likelihood: FloatArray) -> FloatArray:
    """(n, C) log probability of each class together with the votes cast."""
    n_functions, n_classes, n_outcomes = likelihood.shape
    table = np.log(likelihood).swapaxes(1, 2).reshape(n_functions * n_outcomes, n_classes)
    return np.asarray(np.log(prior) + cast.reshape(len(cast), -1) @ table)


def break_ties(probabilities: FloatArray, undecided: BoolArray, seed: int) -> FloatArray:
    """(n, C) where each of the `undecided` points gets `TIE_MARGIN` more for one of its likeliest classes, drawn at random.

    The i-th point of a call has the i-th draw of the stream, whatever the points around it are.
    """
    chance = generator(seed, "label model", "undecided").uniform(size=probabilities.shape)
    best = probabilities == probabilities.max(axis=1, keepdims=True)
    ahead = np.eye(probabilities.shape[1])[np.argmax(np.where(best, chance, -1.0), axis=1)]
    return np.where(undecided[:, None], (1 - TIE_MARGIN) * probabilities + TIE_MARGIN * ahead, probabilities)
