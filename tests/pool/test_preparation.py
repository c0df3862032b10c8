from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.pool.pools import Given, fixed, prepared, recipe, split_of, taught, three_classes
from w2s.detector.baselines import NoDetector
from w2s.detector.hard_similarity import MaxAbsCosine, MeanCosine
from w2s.errors import ConfigError
from w2s.loss import LogConfidence
from w2s.model import FineTuning, LogisticProbe, Model, Raw
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.training import Recipe
from w2s.pool.encoded_splits import encoded
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.types import Column, Evidence, FloatArray, Inputs, LabelledInputs, Partition, Region, Splits
from w2s.utils.threads import limited


@dataclass
class Counting:
    """A learner that counts its fits and represents points by twice their features."""

    fits: list[int] = field(default_factory=list)

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
        self.fits.append(len(inputs))
        fitted = LogisticProbe().fit(inputs, targets)

        @dataclass
        class Doubled:
            def predict(self, points: Inputs) -> FloatArray:
                return fitted.predict(points)

            def represent(self, points: Inputs) -> FloatArray:
                return 2 * fitted.represent(points)

        return Doubled()


@dataclass
class Witness:
    """A detector that remembers what it was shown."""

    features: str = "frozen"
    shown: list[Evidence] = field(default_factory=list)

    def fit(self, evidence: Evidence, probe: Any) -> Any:
        self.shown.append(evidence)
        return self

    def partition(self, evidence: Evidence) -> Partition:
        self.shown.append(evidence)
        return NoDetector().partition(evidence)


def test_the_weak_model_is_trained_on_its_own_points_and_labels_the_pool() -> None:
    pool = prepared()
    train = pool.splits.weak_train
    assert train.inputs.features is not None
    assert pool.splits.pool.inputs.features is not None
    oracle = LogisticRegression(C=1.0, tol=1e-10).fit(train.inputs.features[:, :6], train.labels.open("test"))
    np.testing.assert_allclose(pool.weak_pool, oracle.predict_proba(pool.splits.pool.inputs.features[:, :6]), atol=1e-4)


@pytest.mark.parametrize("labels", ["soft", "hard"])
def test_the_student_learns_from_soft_weak_labels_or_their_hard_classes(labels: str) -> None:
    pool = replace(recipe(), labels=labels).prepare(Recorder())
    expected = pool.weak_pool if labels == "soft" else np.eye(2)[pool.weak_pool.argmax(axis=1)]
    assert np.array_equal(pool.targets, expected)


def test_the_detector_is_fitted_on_the_pool_and_partitions_pool_and_test() -> None:
    witness = Witness()
    pool = prepared(detector=witness)
    fitted, first, second = witness.shown
    assert fitted is first
    assert np.array_equal(fitted.strong, pool.splits.pool.inputs.features)
    assert np.array_equal(fitted.weak, pool.splits.pool.inputs.features[:, :6])
    assert np.array_equal(fitted.probabilities, pool.weak_pool)
    assert np.array_equal(second.strong, pool.splits.test.inputs.features)
    assert np.array_equal(second.probabilities, pool.weak_test)


def test_a_detector_may_read_the_students_representation_and_that_student_is_trained_once() -> None:
    witness, learner = Witness(features="student"), Counting()
    pool = replace(recipe(detector=witness), strong_model=Model(Raw(), learner)).prepare(Recorder())
    fitted, _, second = witness.shown
    assert np.array_equal(fitted.strong, 2 * pool.splits.pool.inputs.features)
    assert np.array_equal(second.strong, 2 * pool.splits.test.inputs.features)
    assert pool.student is pool.trained
    assert learner.fits == [110]


def test_without_need_no_student_is_trained_before_a_study_asks() -> None:
    learner = Counting()
    pool = replace(recipe(), strong_model=Model(Raw(), learner)).prepare(Recorder())
    assert learner.fits == []
    assert pool.student is pool.student
    assert learner.fits == [110]


def test_the_same_seeds_prepare_the_same_pool_bit_for_bit() -> None:
    one, two = prepared(seed=3, detector=MeanCosine()), prepared(seed=3, detector=MeanCosine())
    assert np.array_equal(one.weak_pool, two.weak_pool)
    assert np.array_equal(one.partition.regions, two.partition.regions)
    assert np.array_equal(one.partition.score, two.partition.score, equal_nan=True)


def test_another_seed_deals_other_halves_and_keeps_the_test_points() -> None:
    one, two = prepared(seed=0), prepared(seed=1)
    assert one.splits.test.ids.tolist() == two.splits.test.ids.tolist()
    assert one.splits.pool.ids.tolist() != two.splits.pool.ids.tolist()
    assert not np.array_equal(one.weak_test, two.weak_test)


def test_more_than_two_classes_are_labelled_and_partitioned() -> None:
    pool = prepared(dataset=Given(three_classes()), detector=MeanCosine())
    assert pool.weak_pool.shape == pool.targets.shape == (150, 3)
    np.testing.assert_allclose(pool.weak_pool.sum(axis=1), 1.0)
    assert set(pool.partition.regions) <= {int(region) for region in Region}


def test_a_class_that_weak_train_lacks_keeps_its_place_with_probability_0() -> None:
    splits = replace(three_classes(), fixed_halves=True)
    kept = np.flatnonzero(splits.weak_train.labels.open("test") != 1)
    pool = prepared(dataset=Given(replace(splits, weak_train=splits.weak_train.take(kept))))
    assert (pool.weak_pool[:, 1] == 0).all()
    assert np.isfinite(pool.student.predict(pool.strong_test)).all()


def test_four_points_a_role_are_enough_for_an_answer() -> None:
    draw = np.random.default_rng(0)
    roles = [split_of(draw.normal(size=(4, 12)), [0, 1, 0, 1], name) for name in "abvt"]
    pool = prepared(dataset=Given(Splits(*roles, ("0", "1"))), detector=MaxAbsCosine())  # type: ignore[call-arg]
    assert len(pool.partition) == 4


def test_splits_are_encoded_together_by_a_stored_encoder_and_one_by_one_by_others() -> None:
    @dataclass
    class Encoder:
        calls: int = 0

        def encode(self, inputs: Inputs) -> FloatArray:
            self.calls += 1
            assert inputs.features is not None
            return inputs.features * 10

    class Stored(Encoder):
        provenance: ClassVar[dict[str, str]] = {}

        def pinned(self) -> "Stored":
            return self

        def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> Any: ...

    splits = fixed()
    for encoder, calls in ((Encoder(), 2), (Stored(), 1)):
        pool, test = encoded(encoder, splits.pool, splits.test)
        assert encoder.calls == calls
        assert np.array_equal(pool.features, splits.pool.inputs.features * 10)
        assert np.array_equal(test.features, splits.test.inputs.features * 10)


def test_a_pool_above_the_largest_fit_is_fitted_on_a_stratified_sample_and_read_as_a_whole() -> None:
    whole, learner = recipe(easy=120, hard=120, overlap=60), Counting()
    small, recorder = replace(whole, largest_fit=100), Recorder()
    pool = small.prepare(recorder)
    assert isinstance(pool.fit_on, np.ndarray)
    assert len(pool.fit_on) == len(np.unique(pool.fit_on)) == 100
    shares = [float(np.mean(classes)) for classes in (pool.weak_classes, pool.weak_classes[pool.fit_on])]
    assert abs(shares[0] - shares[1]) <= 0.01
    assert len(pool.partition) == len(pool.weak_pool) == len(pool.splits.pool) == 300
    assert len(pool.splits.weak_train) == 100
    assert [note.split(" (")[0] for note in recorder.notes] == [
        "Fitted on a stratified sample: 100 of 300 points of weak_train",
        "Fitted on a stratified sample: 100 of 300 points of the pool",
    ]
    taught(pool, learner).fit_ceiling()
    _ = taught(pool, learner).student
    assert learner.fits == [100, 100]
    assert np.array_equal(small.prepare(Recorder()).fit_on, pool.fit_on)
    assert not np.array_equal(replace(small, seed=1).prepare(Recorder()).fit_on, pool.fit_on)


def test_blocks_of_a_pool_give_the_same_bits_as_the_pool_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is not reached changes nothing, and neither does reading in blocks."""
    made = [recipe(detector=MeanCosine(), easy=300, hard=300, overlap=200)]
    made.append(replace(made[0], largest_fit=800))
    with limited(1):  # as every run: two threads of a product divide its rows in another way
        pools = [each.prepare(Recorder()) for each in made]
        monkeypatch.setattr("w2s.utils.numerics.BLOCK", 256)
        pools.append(made[0].prepare(Recorder()))
        answers = [pool.student.predict(pool.strong_test).tobytes() for pool in pools]
    assert len(set(answers)) == 1
    for pool in pools[1:]:
        assert pool.fit_on == slice(None)
        for name in ("regions", "confidence", "score"):
            assert getattr(pool.partition, name).tobytes() == getattr(pools[0].partition, name).tobytes()
        assert (pool.partition.threshold_overlap, pool.partition.reason) == (pools[0].partition.threshold_overlap, None)
        assert pool.weak_pool.tobytes() == pools[0].weak_pool.tobytes()


def test_what_took_how_long_and_what_the_data_was_is_recorded() -> None:
    recorder = Recorder()
    recipe().prepare(recorder)
    assert list(recorder.seconds) == ["data", "weak model", "strong features", "detection"]
    assert recorder.facts["data"] == "gaussian generator"
    assert len(recorder.tables["points"]) == 220


@dataclass
class Watching(Counting):
    """A learner that writes down what it was given to validate on."""

    given: list[LabelledInputs | None] = field(default_factory=list)
    uses_validation: bool = True

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: LabelledInputs | None = None) -> Any:
        self.given.append(validation)
        return super().fit(inputs, targets)


def test_student_ceiling_controls_and_probe_are_trained_by_their_own_learners() -> None:
    student, ceiling, control, weak = (Counting() for _ in range(4))
    made = replace(recipe(), learner=student, ceiling_learner=ceiling, control_learner=control, weak_learner=weak)
    pool = made.prepare(Recorder())
    assert weak.fits == [110]
    pool.fit_ceiling()
    assert (student.fits, ceiling.fits, control.fits) == ([], [110], [])
    pool.fit(np.arange(20))
    pool.fit(np.arange(30), pool.learners.control)
    assert (student.fits, ceiling.fits, control.fits) == ([20], [110], [30])


def test_the_strong_models_learner_trains_whatever_names_no_other() -> None:
    made = recipe()
    learners = made.learners
    assert learners.student is learners.ceiling is learners.control is learners.probe is made.strong_model.learner


def test_detectors_are_given_logistic_regression_where_the_student_reads_no_vectors() -> None:
    @dataclass
    class ReadsTexts(Counting):
        reads: Column = "texts"

    assert isinstance(replace(recipe(), learner=ReadsTexts()).learners.probe, LogisticProbe)
    named = LogisticProbe(l2=3.0)
    assert replace(recipe(), learner=ReadsTexts(), probe=named).learners.probe is named


@pytest.mark.parametrize("labels", ["soft", "hard"])
def test_students_validate_on_weak_labels_and_the_ceiling_on_none(labels: str) -> None:
    """The validation points are those of the pool, so that their weak labels are known."""
    splits, learner = fixed(), Watching()
    made = recipe(dataset=Given(replace(splits, validation=splits.pool)))
    pool = replace(made, learner=learner, labels=labels).prepare(Recorder())
    pool.fit(slice(None))
    pool.fit_ceiling()
    watched, none = learner.given
    assert watched is not None
    assert none is None
    np.testing.assert_allclose(watched.targets, pool.targets)
    assert np.array_equal(watched.inputs.features, pool.strong_pool.features)


def test_validation_points_that_no_learner_uses_are_not_encoded() -> None:
    @dataclass
    class Rows:
        encoded: int = 0

        def fit(self, inputs: Inputs) -> Any:
            return self

        def encode(self, inputs: Inputs) -> FloatArray:
            self.encoded += len(inputs)
            return Raw().encode(inputs)

    for learner, n in ((Watching(uses_validation=False), 220), (Watching(), 330)):
        strong = Rows()
        made = replace(recipe(), strong_model=Model(strong, learner))
        assert (made.prepare(Recorder()).validation is not None) is learner.uses_validation
        assert strong.encoded == n


def test_another_detector_partitions_the_same_pool_by_the_representation_that_it_reads() -> None:
    witness = Witness(features="student")
    pool = replace(prepared(detector=witness), detector=NoDetector())
    expected = prepared(detector=MeanCosine())
    found = pool.partition_by(MeanCosine())
    assert np.array_equal(found.regions, expected.partition.regions)
    assert np.array_equal(found.score, expected.partition.score, equal_nan=True)


@pytest.mark.parametrize("name", ["seed", "data_seed"])
def test_a_seed_below_0_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}=-1"):
        replace(recipe(), **{name: -1})


def test_a_preparation_names_its_parts_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        Preparation(recipe().dataset)  # type: ignore[call-arg, misc]


@dataclass(frozen=True)
class Minimising:
    """A learner that takes any loss, and trains the representation it is told of."""

    loss: Any = None
    trains: Any = None

    def with_loss(self, loss: Any) -> "Minimising":
        return replace(self, loss=loss)

    def on(self, representation: Any) -> "Minimising":
        return replace(self, trains=representation)

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
        return LogisticProbe().fit(inputs, targets)


def test_a_loss_is_the_students_alone_and_learners_are_told_what_they_train() -> None:
    made = replace(recipe(), learner=Minimising(), weak_learner=Minimising(), loss=LogConfidence())
    strong, learners = made.strong_model.representation, made.learners
    assert learners.student == learners.control == Minimising(LogConfidence(), strong)
    assert learners.ceiling == Minimising(None, strong)
    assert made.learner_of_weak == Minimising(None, made.weak_model.representation)


def test_a_learner_that_reads_texts_is_replaced_as_the_detectors_probe() -> None:
    tuned = FineTuning(train="all", recipe=Recipe(), encoder=FrozenEncoder(checkpoint=TinyCheckpoint()))
    made = replace(recipe(), strong_model=Model(FrozenEncoder(checkpoint=TinyCheckpoint()), LogisticProbe()), learner=tuned)
    assert made.learners.probe == LogisticProbe()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": LogConfidence()}, "a logistic probe minimises cross-entropy"),
        ({"loss": LogConfidence(), "learner": Counting()}, "Counting has a loss of its own"),
        ({"weak_learner": FineTuning(train="all", recipe=Recipe())}, "Columns is none"),
    ],
)
def test_what_cannot_be_minimised_or_trained_is_refused_before_anything_is_loaded(changes: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(recipe(dataset=Given(splits=None)), **changes).check()
