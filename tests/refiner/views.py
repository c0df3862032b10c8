"""Views of small pools with known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.model import LogisticProbe
from w2s.protocols import PoolView
from w2s.types import Evidence, FloatArray, KnownPoints, Sealed


@dataclass(frozen=True)
class Known:
    """weak_train of a weak model that errs at random."""

    evidence: Evidence
    classes: object

    def points(self) -> KnownPoints:
        return KnownPoints(self.evidence.weak, self.evidence.probabilities, np.asarray(self.classes))

    def error(self, probabilities: FloatArray) -> FloatArray:
        return np.full(len(probabilities), 0.2)

    def trial(self, picks: object) -> object:
        raise AssertionError("no refiner trains students on weak_train")


def view(n_classes: int = 2, *, n: int = 120, wrong: float = 0.2, seed: int = 0) -> tuple[PoolView, FloatArray]:
    """Clusters whose weak labels are wrong at random, and these labels (n, C)."""
    evidence, classes = drawn(n_classes, n, wrong, seed)
    known = Known(*drawn(n_classes, n, wrong, seed + 1000))
    evidence = Evidence(evidence.strong, evidence.weak, evidence.probabilities, seed=seed, known=known)
    return PoolView(evidence, LogisticProbe(), Sealed(classes)), evidence.probabilities


def drawn(n_classes: int, n: int, wrong: float, seed: int) -> tuple[Evidence, object]:
    draw = np.random.default_rng(seed)
    classes = draw.integers(n_classes, size=n)
    strong = 3 * np.eye(n_classes, 5)[classes] + draw.normal(size=(n, 5))
    flipped = draw.uniform(size=n) < wrong
    weak = np.where(flipped, (classes + draw.integers(1, n_classes, size=n)) % n_classes, classes)
    logits = np.eye(n_classes)[weak] * draw.uniform(0.5, 3, size=(n, 1))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Evidence(strong, strong[:, 3:], probabilities), classes
