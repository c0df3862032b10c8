"""Dawid and Skene's label model, by expectation maximisation."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from w2s.errors import DataError
from w2s.identity import identity
from w2s.model.training_targets import class_count, point_weights
from w2s.model.votes.label_model import FittedLabelModel, Uncovered, log_joint
from w2s.model.votes.majority import vote_shares
from w2s.model.votes.votes import counts, indicators, uncovered, votes_of
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import NotNegative, Positive, Seed, Steps, checked

log = logging.getLogger(__name__)

SMALLEST = 1e-10
"""Lower bound of every probability before it is normalised."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class DawidSkene:
    """Each function has a confusion matrix p(vote | class), estimated together with the class prior from the votes alone.

    EM from the vote shares (A. P. Dawid and A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM
    algorithm", Applied Statistics 28, 1979). Uncovered points are left out of the fit. With one function the vote shares
    are a fixed point: its votes are believed as they stand.
    """

    reads: ClassVar[Column] = "votes"

    abstaining: Literal["outcome", "missing"] = "outcome"
    """`missing`: a function that abstains was not asked, as in the paper of 1979. Then a function that only ever votes for
    one class says nothing, and functions of that kind alone lead to a single class; `outcome` makes abstaining one more
    answer of the confusion matrix."""
    smoothing: NotNegative = 1.0
    """Votes of each kind added to every count; Laplace's rule at 1."""
    iterations: Steps = 100
    """At most this many steps of EM."""
    tolerance: Positive = 1e-5
    """Stop when the mean log likelihood per vote grows by less."""
    uncovered: Uncovered = "prior"
    """The prior is the estimated one."""
    seed: Seed = 0
    """Of the random answers."""

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedLabelModel:
        """Estimate prior and confusions on the votes; of the targets only the class count is read.

        A point of weight 2 counts as two points; nothing stops early by `validation`.

        Raises:
            DataError: every function abstains on every point, or a vote is for none of the classes.
        """
        votes = votes_of(inputs)
        cast = counts(votes, class_count(targets))
        weight = point_weights(weights, len(votes))
        voted = ~uncovered(votes) & (weight > 0)
        if not np.any(voted):
            raise DataError(f"All {votes.shape[1]} labelling functions abstain on all {len(votes)} points.")
        from scipy.special import logsumexp

        answers = indicators(votes[voted], cast.shape[1])
        belief = vote_shares(cast[voted])
        weight = weight[voted]
        n_votes = float(weight @ cast[voted].sum(axis=1))
        best = -np.inf
        for step in range(self.iterations):
            prior, likelihood = self._maximised(answers, weight[:, None] * belief)
            joint = log_joint(answers, prior, likelihood)
            total = logsumexp(joint, axis=1)
            belief = np.exp(joint - total[:, None])
            value = float(weight @ total / n_votes)
            if value - best < self.tolerance:
                log.debug("Dawid-Skene converged after %d steps", step + 1)
                break
            best = value
        return FittedLabelModel(prior, likelihood, self.uncovered, self.seed)

    def _maximised(self, answers: FloatArray, belief: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Prior (C,) and p(answer | class) (L, C, C + 1) given weighted beliefs (n, C) about the points' classes."""
        n_classes = belief.shape[1]
        prior = np.maximum(belief.sum(axis=0) / belief.sum(), SMALLEST)
        flat = belief.T @ answers.reshape(len(answers), -1)
        counted = flat.reshape(n_classes, *answers.shape[1:]).swapaxes(0, 1) + self.smoothing
        likelihood = np.maximum(counted, SMALLEST)
        possible = n_classes + (self.abstaining == "outcome")
        occurring = np.where(counted.sum(axis=1, keepdims=True) > 0, likelihood, 0.0)[:, :, :possible]
        likelihood /= np.maximum(occurring.sum(axis=2, keepdims=True), SMALLEST)
        likelihood[:, :, possible:] = 1.0
        return prior / prior.sum(), likelihood
