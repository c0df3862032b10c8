"""Small pools whose regions, labels and weak opinions are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from w2s.dataset.gaussian import Gaussian
from w2s.detector.baselines import OracleDetector
from w2s.model import Columns, LogisticProbe, Model, Raw
from w2s.pool.halves import halved
from w2s.pool.pool import Learners, PreparedPool
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.types import FloatArray, Inputs, Partition, Region, Sealed, Split, Splits, as_names

BLOCKS = {"easy": 40, "hard": 40, "overlap": 30, "d_easy": 6, "d_hard": 6, "variance": 1.0}


@dataclass(frozen=True)
class Given:
    """A data set that is given, whatever the data seed."""

    splits: Splits

    def load(self, data_seed: int) -> Splits:
        return self.splits


def recipe(seed: int = 0, *, detector: Any = None, dataset: Any = None, **blocks: Any) -> Preparation:
    """The Gaussian data, a weak model that reads the easy block, a strong one that reads everything."""
    return Preparation(
        dataset=dataset or Gaussian(**{**BLOCKS, **blocks}),
        weak_model=Model(Columns(stop=6), LogisticProbe(C=1.0)),
        strong_model=Model(Raw(), LogisticProbe(l2=0.01)),
        detector=detector or OracleDetector(),
        seed=seed,
    )


def prepared(seed: int = 0, **arguments: Any) -> PreparedPool:
    """`recipe(...)`, prepared."""
    return recipe(seed, **arguments).prepare(Recorder())


def with_regions(pool: PreparedPool, regions: Any) -> PreparedPool:
    """The same pool in other regions."""
    return replace(pool, partition=replace(pool.partition, regions=np.asarray(regions)))


def taught(pool: PreparedPool, learner: Any) -> PreparedPool:
    """The same pool, on which `learner` trains everything."""
    return replace(pool, learners=Learners(learner, learner, learner, learner))


def with_weak(pool: PreparedPool, weak: FloatArray) -> PreparedPool:
    """The same pool with other weak probabilities (n, C), which the student learns from."""
    return replace(pool, weak_pool=weak, targets=weak)


def sure(classes: Any, n_classes: int = 2) -> FloatArray:
    """(n, C) probabilities of .9 for the given classes."""
    return np.where(np.eye(n_classes)[np.asarray(classes)] == 1, 0.9, 0.1 / (n_classes - 1))


def split_of(features: FloatArray, labels: Any, name: str, planted: Any = None) -> Split:
    """Points with feature rows."""
    return Split(
        ids=as_names([f"{name}-{i}" for i in range(len(features))]),
        inputs=Inputs(features=features),
        labels=Sealed(np.asarray(labels)),
        planted=None if planted is None else Sealed(np.asarray(planted)),
    )


def three_classes(n: int = 150, *, d: int = 9) -> Splits:
    """Three classes, a noisy easy pattern in the first third of the columns and a clearer one in the rest."""
    draw = np.random.default_rng(5)

    def role(name: str) -> Split:
        labels, regions = draw.integers(3, size=n), draw.integers(3, size=n)
        pattern = (
            np.repeat(np.eye(3)[labels], d // 3, axis=1) @ np.linalg.qr(np.random.default_rng(7).normal(size=(d, d)))[0]
        )
        features = 2 * pattern + draw.normal(size=(n, d))
        features[regions == Region.EASY, d // 3 :] = 0
        features[regions == Region.HARD, : d // 3] = 0
        return split_of(features, labels, name, regions)

    return Splits(role("a"), role("b"), role("v"), role("t"), ("x", "y", "z"))


def shuffled(splits: Splits, roles: tuple[str, ...], seed: int = 1) -> Splits:
    """The same points, halved already, with the sealed labels of `roles` in another order."""
    draw = np.random.default_rng(seed)
    changed = {}
    for role in roles:
        split: Split = getattr(splits, role)
        labels = Sealed(draw.permutation(split.labels.open("shuffling")))
        planted = None if split.planted is None else Sealed(draw.permutation(split.planted.open("shuffling")))
        changed[role] = replace(split, labels=labels, planted=planted)
    return replace(splits, fixed_halves=True, **changed)


def fixed(seed: int = 0, **blocks: Any) -> Splits:
    """The Gaussian data, halved by `seed` once and for all."""
    return replace(halved(Gaussian(**{**BLOCKS, **blocks}).load(0), seed), fixed_halves=True)


def unknown(n: int) -> Partition:
    """A partition that makes no statement."""
    return Partition(np.full(n, int(Region.UNKNOWN)), np.ones(n), np.full(n, np.nan), reason="nobody looked")
