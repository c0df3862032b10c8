"""snorkel's label model, an optional extra."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.errors import DataError, ModelError, require
from w2s.identity import identity
from w2s.model.training_targets import class_count
from w2s.model.votes.label_model import FittedLabelModel, Uncovered
from w2s.model.votes.votes import counts, votes_of
from w2s.types import Column, FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.ranges import NotNegative, Positive, Seed, Steps, checked

FEWEST_FUNCTIONS = 3
"""Below, accuracies cannot be told from agreements."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class SnorkelLabelModel:
    """Accuracies of independent functions from the overlaps of their votes, by matrix completion; 1,000 epochs as published.

    A. Ratner et al., "Training complex models with multi-task weak supervision", AAAI 2019; snorkel 0.10 does the fit, and
    its parameters are kept as plain arrays.
    """

    reads: ClassVar[Column] = "votes"

    epochs: Steps = 1_000
    learning_rate: Positive = 0.01
    l2: NotNegative = 0.0
    """Strength of the pull towards the start."""
    class_balance: tuple[float, ...] | None = None
    """Prior share of each class; null for a uniform one."""
    uncovered: Uncovered = "prior"
    seed: Seed = 0
    """Of the fit's start and the random answers."""

    def __post_init__(self) -> None:
        balance = self.class_balance
        proper = balance is None or (len(balance) > 1 and min(balance) > 0 and abs(sum(balance) - 1) < 1e-6)
        require(proper, f"class_balance={balance}: one share above 0 for each class, summing to 1, or null.")

    def check(self) -> None:
        """Refuse where the package is not installed, without importing it.

        Raises:
            ModelError: naming the extra and other label models.
        """
        if importlib.util.find_spec("snorkel") is None:
            raise ModelError(
                "weak_model=snorkel needs the package snorkel, which is not installed.\n"
                "Install it with: pip install 'w2s[votes]', or use weak_model=majority_vote or weak_model=dawid_skene."
            )

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,  # noqa: ARG002
    ) -> FittedLabelModel:
        """Fit on the votes; of the targets only the class count is read, and nothing stops early.

        Raises:
            ModelError: snorkel is not installed, or points have weights, which its label model does not take.
            DataError: fewer than three functions, or a vote for none of the classes.
        """
        require(
            weights is None,
            "snorkel's label model takes no weights of points.\nUse weak_model=dawid_skene, which does.",
            ModelError,
        )
        n_classes = class_count(targets)
        votes = votes_of(inputs)
        counts(votes, n_classes)
        n_functions = votes.shape[1]
        if n_functions < FEWEST_FUNCTIONS:
            raise DataError(
                f"snorkel's label model needs at least {FEWEST_FUNCTIONS} labelling functions; here are {n_functions}.\n"
                "Use weak_model=majority_vote or weak_model=dawid_skene."
            )
        balance = self.class_balance
        if balance is not None and len(balance) != n_classes:
            raise DataError(f"class_balance has {len(balance)} shares, but the data has {n_classes} classes.")
        mu, prior = self._fitted(votes, n_classes)
        likelihood = np.ones((n_functions, n_classes, n_classes + 1))
        likelihood[:, :, :n_classes] = mu.reshape(n_functions, n_classes, n_classes).swapaxes(1, 2)
        return FittedLabelModel(prior, likelihood, self.uncovered, self.seed)

    def _fitted(self, votes: IntArray, n_classes: int) -> tuple[FloatArray, FloatArray]:
        """Parameters mu (L C, C), p(function j votes v | class k) in row j C + v, and its prior (C,)."""
        self.check()
        from snorkel.labeling.model import LabelModel

        with _global_randomness_restored():
            model = LabelModel(cardinality=n_classes, verbose=False)
            model.fit(
                votes,
                class_balance=None if self.class_balance is None else list(self.class_balance),
                n_epochs=self.epochs,
                lr=self.learning_rate,
                l2=self.l2,
                seed=self.seed,
                progress_bar=False,
            )
        return model.mu.detach().cpu().numpy().astype(np.float64), np.asarray(model.p, dtype=np.float64)


@contextmanager
def _global_randomness_restored() -> Iterator[None]:
    """Snorkel seeds the global generators; nobody else shall notice."""
    import torch

    plain, numbers = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(plain)
        np.random.set_state(numbers)  # noqa: NPY002
