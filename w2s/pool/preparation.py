"""What every study on a pool begins with: weak labels, strong features, and the pool in regions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from w2s.identity import identity
from w2s.model.model import FittedModel
from w2s.pool.compatibility import check_match
from w2s.pool.halves import halved
from w2s.pool.pool import PreparedPool, one_hot
from w2s.pool.sources import own_sources
from w2s.pool.summary import describe_partition, describe_splits
from w2s.protocols import Dataset, DeclaresColumns, Detector, Encoder, ModelParts, Previewable, StoredEncoder
from w2s.results.recorder import Recorder
from w2s.seeding import check_seed
from w2s.statistics.metrics import predicted
from w2s.types import Evidence, FloatArray, Inputs, Split, Splits


@dataclass(frozen=True)
class _Weak:
    """The trained weak model's view of pool and test."""

    pool: FloatArray
    """(n, C) probabilities."""
    test: FloatArray
    pool_features: FloatArray
    """(n, e)"""
    test_features: FloatArray


@identity()
@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The recipe of a `PreparedPool` pool."""

    dataset: Dataset
    weak_model: ModelParts
    strong_model: ModelParts
    detector: Detector
    data_seed: int = 0
    """Fixes the sample, the coin flips and the balancing; shared by all seeds of a comparison."""
    seed: int = 0
    """Fixes the halving into weak_train and pool, and everything after it."""
    labels: Literal["soft", "hard"] = "soft"
    """What the student learns from: weak probabilities (as the paper does), or the most probable classes."""

    def __post_init__(self) -> None:
        check_seed("data_seed", self.data_seed)
        check_seed("seed", self.seed)

    def check(self) -> None:
        """Refuse models or a detector that cannot read the data set.

        Raises:
            ConfigError: naming the part and a choice that fits.
        """
        check_match(self.dataset, weak_model=self.weak_model, strong_model=self.strong_model, detector=self.detector)

    def source_names(self) -> tuple[str, ...] | None:
        """Names of the pool's own sources, none where it has no such column; None where only loading tells."""
        if not isinstance(self.dataset, DeclaresColumns):
            return None
        if "sources" not in self.dataset.provides:
            return ()
        splits = self.dataset.preview(self.data_seed) if isinstance(self.dataset, Previewable) else None
        if splits is None:
            return None
        sources = halved(splits, self.seed).pool.sources
        return () if sources is None else own_sources(sources)[0]

    def prepare(self, recorder: Recorder) -> PreparedPool:
        """Load, label, encode and detect; records densities, detection scores and the table of points."""
        with recorder.stage("data"):
            splits = halved(self.dataset.load(self.data_seed), self.seed)
            describe_splits(splits, recorder)
        with recorder.stage("weak model"):
            weak = self._weak(splits, recorder)
        with recorder.stage("strong features"):
            encoder = self.strong_model.representation.fit(splits.pool.inputs)
            trace("strong checkpoint", encoder, recorder)
            others = [splits.weak_train] if isinstance(encoder, StoredEncoder) else []  # so that no seed needs a new vector
            pool, test, *_ = encoded(encoder, splits.pool, splits.test, *others)
        targets = weak.pool if self.labels == "soft" else one_hot(predicted(weak.pool), len(splits.classes))
        with recorder.stage("detection"):
            evidence = self._evidence(pool, splits.pool, weak.pool, weak.pool_features)
            test_evidence = self._evidence(test, splits.test, weak.test, weak.test_features)
            student = self.strong_model.learner.fit(pool, targets) if self.detector.features == "student" else None
            if student is not None:
                evidence = replace(evidence, strong=student.represent(pool))
                test_evidence = replace(test_evidence, strong=student.represent(test))
            detector = self.detector.fit(evidence, self.strong_model.learner)
            recorder.fitted("detector", detector)
            if student is not None:
                recorder.fitted("student", FittedModel.to_save(encoder, student))
            partition, test_partition = detector.partition(evidence), detector.partition(test_evidence)
        prepared = PreparedPool(
            splits=splits,
            seed=self.seed,
            learner=self.strong_model.learner,
            probe=self.strong_model.learner,
            encoder=encoder,
            strong_pool=pool,
            strong_test=test,
            weak_pool=weak.pool,
            weak_test=weak.test,
            targets=targets,
            evidence=evidence,
            partition=partition,
            test_partition=test_partition,
            trained=student,
        )
        describe_partition(prepared, recorder)
        return prepared

    def _weak(self, splits: Splits, recorder: Recorder) -> _Weak:
        encoder = self.weak_model.representation.fit(splits.weak_train.inputs)
        trace("weak checkpoint", encoder, recorder)
        train, pool, test = encoded(encoder, splits.weak_train, splits.pool, splits.test)
        truth = splits.weak_train.labels.open("training of the weak model")
        weak = self.weak_model.learner.fit(train, one_hot(truth, len(splits.classes)))
        recorder.fitted("weak_model", FittedModel.to_save(encoder, weak))
        return _Weak(weak.predict(pool), weak.predict(test), weak.represent(pool), weak.represent(test))

    def _evidence(self, strong: Inputs, split: Split, probabilities: FloatArray, weak_features: FloatArray) -> Evidence:
        assert strong.features is not None, "the strong representation has been applied"
        return Evidence(strong.features, weak_features, probabilities, self.seed, split.planted)


def encoded(encoder: Encoder, *splits: Split) -> list[Inputs]:
    """The inputs of each split with the encoder's features, encoded together: one progress bar, one sort by length."""
    together = Inputs.concatenate([split.inputs for split in splits])
    together = together.with_features(encoder.encode(together))
    parts, start = [], 0
    for split in splits:
        parts.append(together.take(slice(start, start + len(split))))
        start += len(split)
    return parts


def trace(name: str, encoder: Encoder, recorder: Recorder) -> None:
    """Put on record which checkpoint an encoder read, by content or by commit."""
    if isinstance(encoder, StoredEncoder):
        for kind, value in encoder.provenance.items():
            recorder.fact(f"{name} {kind}", value)
