"""Evidence placed by hand, and evidence with planted regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from w2s.dataset.gaussian import Gaussian
from w2s.model import LogisticProbe
from w2s.statistics.accuracy import auc
from w2s.types import Evidence, Inputs, Region

PROBE = LogisticProbe(l2=1.0)


@dataclass(frozen=True)
class Known:
    """What weak_train tells, made up: labels are wrong as often as their probabilities say, picks are `gain` better."""

    gain: float = 0.0
    seed: int = 0
    m: int = 400

    def error(self, probabilities: np.ndarray) -> np.ndarray:
        return 1 - probabilities.max(axis=1)

    def trial(self, picks: Sequence[Evidence]) -> np.ndarray:
        """The first half of the picks are a candidate's, the others random non-hard points."""
        shares = np.repeat([0.6 + self.gain, 0.6], len(picks) // 2)
        return np.random.default_rng(self.seed).random((len(picks), self.m)) < shares[:, None]


def points(strong: object, p_1: object, weak: object = None) -> Evidence:
    strong, p_1 = np.asarray(strong, dtype=float), np.asarray(p_1, dtype=float)
    return Evidence(strong, strong if weak is None else np.asarray(weak), np.stack([1 - p_1, p_1], axis=1))


@lru_cache
def planted(absent: str = "zeros", strength: float = 1.0, seed: int = 0) -> tuple[Evidence, np.ndarray, np.ndarray]:
    """Evidence, planted regions, and whether each weak label is right; 900 points, 20 + 20 dimensions."""
    splits = Gaussian(easy=300, hard=300, overlap=300, variance=2.0, absent=absent, hard_strength=strength).load(seed)
    view = Inputs(features=splits.weak_train.inputs.features[:, :20])
    weak = LogisticProbe().fit(view, splits.weak_train.labels.open("weak training"))
    strong = splits.pool.inputs.features
    probabilities = weak.predict(Inputs(features=strong[:, :20]))
    right = np.argmax(probabilities, axis=1) == splits.pool.labels.open("test")
    return Evidence(strong, strong[:, :20], probabilities), splits.pool.planted.open("test"), right


def overlap_auc(detector: object, evidence: Evidence, regions: np.ndarray) -> float:
    score = detector.fit(evidence, PROBE).partition(evidence).score
    known = np.isfinite(score) & (regions != Region.HARD)
    return auc(score[known], regions[known] == Region.OVERLAP)
