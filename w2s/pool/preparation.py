"""What every analysis of a pool begins with: weak labels, strong features, and the pool in regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from annotated_types import Ge, Le

from w2s.errors import ConfigError, DataError
from w2s.identity import identity
from w2s.loss import Loss
from w2s.model.chain import Chain
from w2s.model.ensemble import Ensemble
from w2s.model.learner_setup import on, probe_like, with_loss
from w2s.model.model import FittedModel
from w2s.pool.compatibility import check_match
from w2s.pool.encoded_splits import strong_features
from w2s.pool.fit_sample import LARGEST_FIT, LargestFit, fitted_on, partition_of, sampled
from w2s.pool.halves import halved
from w2s.pool.handover import Handover
from w2s.pool.own_sources import own_sources
from w2s.pool.pool import Learners, PreparedPool
from w2s.pool.refined_labels import applied, learn
from w2s.pool.summary import describe_partition, describe_splits, describe_weak_train
from w2s.pool.weak_labels import WeakModel, WeakView
from w2s.pool.weak_train import FOLDS, WeakTrain, targets_of
from w2s.protocols import (
    Dataset,
    DeclaresColumns,
    Detector,
    Encoder,
    ExplainsChoice,
    Fitted,
    FittedDetector,
    Learner,
    ModelParts,
    PoolView,
    Previewable,
    Refiner,
    Representation,
    StoredEncoder,
)
from w2s.refiner import NoRefiner
from w2s.refiner.base import needs_truth
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import predicted
from w2s.types import Evidence, FloatArray, Inputs, LabelledInputs, Refined, Split, Splits
from w2s.utils.numerics import steady
from w2s.utils.ranges import Seed, checked

LABEL_ALL = "Take data with a label in every row, or study=transfer, mixing, selection or full."


@dataclass(frozen=True)
class _Role:
    """n points of one role, as both models see them."""

    split: Split
    strong: Inputs
    """Their features are the strong ones (n, d)."""
    weak: WeakView


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Preparation:
    """The recipe of a `PreparedPool`."""

    dataset: Dataset
    weak_model: ModelParts
    strong_model: ModelParts
    detector: Detector
    learner: Learner | None = None
    """Trains the student; None: the strong model's own learner."""
    weak_learner: Learner | None = None
    """Trains the weak model; None: the weak model's own learner."""
    ceiling_learner: Learner | None = None
    """None: as the student's."""
    control_learner: Learner | None = None
    """Trains the students that another one is compared with; None: as the student's."""
    probe: Learner | None = None
    """Trained on vectors by detectors that cross-fit; None: as the student's, or logistic regression if that reads other."""
    data_seed: Seed = 0
    """Fixes the sample, the coin flips and the balancing; shared by all seeds of a comparison."""
    seed: Seed = 0
    """Fixes the halving into weak_train and pool, and everything after it."""
    loss: Loss | None = None
    """Of the student and the students it is compared with; None: cross-entropy. Weak model and ceiling know the truth, and
    minimise cross-entropy."""
    labels: Literal["soft", "hard"] = "soft"
    """What the student learns from: weak probabilities (as the paper does), or the most probable classes."""
    refiner: Refiner = field(default_factory=NoRefiner)
    """Refines these labels once, before any student learns from them."""
    noise_fits: Annotated[int, Ge(1), Le(FOLDS)] = FOLDS
    """Weak models trained anew, each without a fifth of weak_train, where a detector or refiner asks how often weak labels
    are wrong; a single one is cheap where the weak model is fine-tuned, and judges a fifth of the points."""
    largest_fit: LargestFit = LARGEST_FIT
    """Points that a model or a detector is fitted on, at most: of more points of weak_train or of the pool a stratified
    sample, drawn by `seed`, which a note says. All points of the pool are labelled, scored and given a region."""
    evidence: Literal["weak", "refined"] = "weak"
    """Which labels of the pool the detector reads. Nobody refines labels of the test points: it reads their weak ones."""

    @property
    def learners(self) -> Learners:
        """Who trains what on the strong representation."""
        plain, strong = self.strong_model.learner if self.learner is None else self.learner, self.strong_model.representation
        student = with_loss(on(strong, plain), self.loss)
        return Learners(
            student=student,
            ceiling=on(strong, plain if self.ceiling_learner is None else self.ceiling_learner),
            control=student if self.control_learner is None else with_loss(on(strong, self.control_learner), self.loss),
            probe=probe_like(student) if self.probe is None else self.probe,
        )

    @property
    def learner_of_weak(self) -> Learner:
        """Who trains the weak model.

        Raises:
            ConfigError: a learner is to take the place of several.
        """
        learner = self.weak_model.learner if self.weak_learner is None else self.weak_learner
        if self.weak_learner is not None and isinstance(self.weak_model, Ensemble | Chain):
            raise ConfigError(
                "weak_learner would take the place of all teachers: set the learner of weak_model.of or .models."
            )
        return on(self.weak_model.representation, learner)

    def check(self) -> None:
        """Refuse a model, learner or detector that cannot read the data set.

        Raises:
            ConfigError: naming the part and a choice that fits.
        """
        check_match(self.dataset, self._reading())
        _ = self.learners, self.learner_of_weak  # refuse what they cannot train or minimise

    def _reading(self) -> Iterator[tuple[str, object]]:
        """(setting, part) of everything that reads the data."""
        yield "weak_model", self.weak_model.representation
        weak, strong = self.weak_model.representation, self.strong_model.representation
        own = self.weak_learner is None
        yield ("weak_model" if own else "weak_learner"), told(weak, self.weak_model.learner if own else self.weak_learner)
        yield "strong_model", strong
        own = self.learner is None
        yield ("strong_model" if own else "learner"), told(strong, self.strong_model.learner if own else self.learner)
        for name in ("ceiling_learner", "control_learner", "probe"):
            yield f"preparation.{name}", told(strong, getattr(self, name))
        yield "detector", self.detector

    def source_names(self) -> tuple[str, ...] | None:
        """Names of the pool's own sources, none where it has no such column; None where only loading tells."""
        if not isinstance(self.dataset, DeclaresColumns):
            return None
        if "sources" not in self.dataset.provides:
            return ()
        pool = self.previewed_pool()
        return None if pool is None else () if pool.sources is None else own_sources(pool.sources)[0]

    def previewed_pool(self) -> Split | None:
        """The pool of small data, for checks; None where only loading tells."""
        splits = self.dataset.preview(self.data_seed) if isinstance(self.dataset, Previewable) else None
        return None if splits is None else halved(splits, self.seed).pool

    def prepare(self, recorder: Recorder, *, truth_for: str | None = None) -> PreparedPool:
        """Load, label, encode and detect; records densities, detection scores and the table of points.

        Raises:
            DataError: nobody knows the pool's true labels, which the refiner or `truth_for`, a study, cannot do without.
        """
        splits = self._loaded(recorder, truth_for)
        learners = self.learners
        weak_model, encoder, (pool, test, *watched) = self._read(splits, recorder)
        validation = next((LabelledInputs(role.strong, self._targets(role)) for role in watched), None)
        weak_train = self._weak_train(weak_model, splits.weak_train.inputs, encoder)
        view = PoolView(self._evidence(pool, weak_train), learners.probe, pool.split.labels, pool.weak.teachers)
        refined = applied(self.refiner, view, self._targets(pool), recorder)
        classes = predicted(pool.weak.probabilities)
        fit_on = fitted_on(classes, self.largest_fit, seed=self.seed, role="the pool", recorder=recorder)
        with recorder.stage("detection"):
            student = None
            if self.detector.features == "student":
                student = learn(learners.student, pool.strong, refined, fit_on, validation)
                recorder.fitted("student", FittedModel.to_save(encoder, student))
            evidence = self._evidence(pool, weak_train, student, refined)
            detector = self.detector.fit(sampled(evidence, fit_on), learners.probe)
            partition = partition_of(detector, evidence)
            test_partition = partition_of(detector, self._evidence(test, None, student))
        prepared = PreparedPool(
            splits=splits,
            seed=self.seed,
            learners=learners,
            encoder=encoder,
            strong_pool=pool.strong,
            strong_test=test.strong,
            weak_pool=pool.weak.probabilities,
            weak_test=test.weak.probabilities,
            targets=refined.targets,
            weights=refined.weights,
            kept=refined.kept,
            validation=validation,
            detector=self.detector,
            evidence=evidence,
            weak_train=weak_train,
            partition=partition,
            test_partition=test_partition,
            trained=student,
            largest_fit=self.largest_fit,
            fit_on=fit_on,
        )
        self._tell(prepared, detector, recorder)
        return prepared

    def _loaded(self, recorder: Recorder, truth_for: str | None) -> Splits:
        """The four roles, weak_train no larger than a fit may be; raises as `prepare` does."""
        with recorder.stage("data"):
            splits = halved(self.dataset.load(self.data_seed), self.seed)
            asks = truth_for or ("an oracle refiner" if needs_truth(self.refiner) else None)
            if asks is not None and splits.pool.labels is None:
                raise DataError(f"{asks} is judged by the pool's true labels, and this data has none.\n{LABEL_ALL}")
            describe_splits(splits, recorder)
            known = splits.weak_train.truth("stratified sample of weak_train")
            learned = fitted_on(known, self.largest_fit, seed=self.seed, role="weak_train", recorder=recorder)
            return replace(splits, weak_train=splits.weak_train.take(learned))

    def _read(self, splits: Splits, recorder: Recorder) -> tuple[WeakModel, Encoder, list[_Role]]:
        """The weak model, the strong encoder, and what both make of pool, test and, where it is used, validation."""
        validates = len(splits.validation) > 0 and self.learners.validate
        read = [splits.pool, splits.test, *([splits.validation] if validates else [])]
        with recorder.stage("weak model"):
            representation, learner = self.weak_model.representation, self.learner_of_weak
            weak_model = WeakModel.train_on(representation, learner, splits.weak_train, read, len(splits.classes))
            weak_model.tell(recorder)
            weak = weak_model.views()
        with recorder.stage("strong features"):
            encoder, strong = strong_features(self.strong_model.representation, read, splits.weak_train, recorder)
        return weak_model, encoder, [_Role(*each) for each in zip(read, strong, weak, strict=True)]

    def _targets(self, role: _Role) -> FloatArray:
        """(n, C) what a student learns from, before any refinement."""
        return targets_of(role.weak.probabilities, self.labels)

    def _weak_train(self, model: WeakModel, inputs: Inputs, encoder: Encoder) -> WeakTrain:
        """What is known of weak_train, as both models read its `inputs`."""
        return WeakTrain(
            weak=model.train,
            truth=model.truth,
            weak_learner=model.learner,
            model=model.fitted,
            inputs=inputs,
            encoder=encoder,
            probe=self.learners.probe,
            labels=self.labels,
            seed=self.seed,
            noise_fits=self.noise_fits,
        )

    def _evidence(
        self, role: _Role, weak_train: WeakTrain | None, student: Fitted | None = None, refined: Refined | None = None
    ) -> Evidence:
        """Of the points of one role: read by the student, and with refined labels, where they are given and asked for."""
        features = role.strong.features if student is None else steady(student.represent, role.strong)
        assert features is not None, "the strong representation has been applied"
        probabilities = role.weak.probabilities if refined is None or self.evidence == "weak" else refined.targets
        known = None if weak_train is None else weak_train.read_by(student)
        return Evidence(features, role.weak.features, probabilities, self.seed, role.split.planted, known)

    def _tell(self, prepared: PreparedPool, detector: FittedDetector, recorder: Recorder) -> None:
        """What was fitted and what came of it."""
        recorder.fitted("detector", detector)
        recorder.fitted("pool", Handover.of(prepared, refined=self.evidence == "refined"))
        describe_partition(prepared, recorder)
        describe_weak_train(prepared, recorder)
        if isinstance(detector, ExplainsChoice):
            recorder.note(detector.explanation)


def told(representation: Representation, learner: Learner | None) -> object:
    """The learner, told which pretrained network it trains, so that it knows what it reads."""
    return on(representation, learner) if learner is not None and isinstance(representation, StoredEncoder) else learner
