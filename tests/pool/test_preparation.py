from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.pool.pools import Given, fixed, prepared, recipe, split_of, three_classes
from w2s.detector.baselines import NoDetector
from w2s.detector.similarity import MaxAbsCosine, MeanCosine
from w2s.errors import ConfigError
from w2s.model import LogisticProbe, Model, Raw
from w2s.pool.preparation import Preparation, encoded
from w2s.results.recorder import Recorder
from w2s.types import Evidence, FloatArray, Inputs, Partition, Region, Splits


@dataclass
class Counting:
    """A learner that counts its fits and represents points by twice their features."""

    fits: list[int] = field(default_factory=list)

    def fit(self, inputs: Inputs, targets: Any) -> Any:
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


def test_splits_are_encoded_together_and_told_apart_again() -> None:
    @dataclass
    class Encoder:
        calls: int = 0

        def encode(self, inputs: Inputs) -> FloatArray:
            self.calls += 1
            assert inputs.features is not None
            return inputs.features * 10

    splits, encoder = fixed(), Encoder()
    pool, test = encoded(encoder, splits.pool, splits.test)
    assert encoder.calls == 1
    assert np.array_equal(pool.features, splits.pool.inputs.features * 10)
    assert np.array_equal(test.features, splits.test.inputs.features * 10)


def test_what_took_how_long_and_what_the_data_was_is_recorded() -> None:
    recorder = Recorder()
    recipe().prepare(recorder)
    assert list(recorder.seconds) == ["data", "weak model", "strong features", "detection"]
    assert recorder.facts["data"] == "gaussian generator"
    assert len(recorder.tables["points"]) == 220


@pytest.mark.parametrize("name", ["seed", "data_seed"])
def test_a_seed_below_0_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}=-1"):
        replace(recipe(), **{name: -1})


def test_a_preparation_names_its_parts_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        Preparation(recipe().dataset)  # type: ignore[call-arg, misc]
