import weakref
from typing import Any

import numpy as np

from tests.pool.pools import Given, fixed, prepared
from w2s.model import LogisticProbe, Mlp
from w2s.pool.student_predictions import one_hot, predict_each
from w2s.types import Inputs


def test_classes_become_rows_with_a_1_at_their_place() -> None:
    assert one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_the_student_is_the_strong_model_on_all_weak_labels() -> None:
    pool = prepared()
    expected = LogisticProbe(l2=0.01).fit(pool.splits.pool.inputs, pool.weak_pool)
    assert np.array_equal(pool.student.predict(pool.strong_test), expected.predict(pool.splits.test.inputs))


def test_a_fit_takes_points_and_their_own_targets() -> None:
    pool = prepared()
    index = np.array([5, 1, 77, 30])
    expected = LogisticProbe(l2=0.01).fit(pool.splits.pool.inputs.take(index), pool.weak_pool[index])
    fitted = pool.fit(index)
    assert np.array_equal(fitted.predict(pool.strong_test), expected.predict(pool.splits.test.inputs))


def test_the_truth_is_the_pools_own_labels() -> None:
    splits = fixed()
    pool = prepared(dataset=Given(splits))
    assert pool.truth("test").argmax(axis=1).tolist() == splits.pool.labels.open("test").tolist()
    assert pool.test_labels().tolist() == splits.test.labels.open("test").tolist()


def test_the_weak_models_points_are_read_by_the_strong_representation() -> None:
    pool = prepared()
    assert np.array_equal(pool.strong_weak_train.features, pool.splits.weak_train.inputs.features)


def test_weak_classes_are_the_most_probable_ones() -> None:
    pool = prepared()
    assert pool.weak_classes.tolist() == (pool.weak_pool[:, 1] > 0.5).astype(int).tolist()


def test_students_trained_side_by_side_are_those_trained_one_by_one() -> None:
    pool = prepared()
    parts = [np.arange(0, 50), np.arange(40, 110)]
    inputs, targets = [pool.strong_pool.take(part) for part in parts], [pool.targets[part] for part in parts]
    for learner in (Mlp(epochs=2), LogisticProbe()):
        answers = predict_each(learner, inputs, targets, pool.strong_test)
        for part, answer in zip(parts, answers, strict=True):
            np.testing.assert_allclose(answer, pool.fit(part, learner).predict(pool.strong_test), atol=1e-6)


def test_a_student_is_gone_before_the_next_one_is_trained() -> None:
    students: list[weakref.ref[Any]] = []

    class Jealous:
        def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
            assert all(student() is None for student in students)
            fitted = LogisticProbe().fit(inputs, targets)
            students.append(weakref.ref(fitted))
            return fitted

    pool = prepared()
    answers = predict_each(Jealous(), [pool.strong_pool] * 3, [pool.targets] * 3, pool.strong_test)
    assert len([answer.argmax(axis=1) for answer in answers]) == len(students) == 3
