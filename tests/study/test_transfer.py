from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.pool.pools import Given, fixed, recipe, three_classes
from w2s.detector.baselines import NoDetector
from w2s.model import LogisticProbe, Model, Raw
from w2s.protocols import Fitted
from w2s.results.recorder import Recorder
from w2s.study import OnPool
from w2s.study.transfer import Transfer, errors_of, record_history, threshold_note
from w2s.types import FloatArray, History, Inputs, IntArray, Region

NAMES = [
    f"{model}/{score}"
    for model in ("weak", "student", "ceiling")
    for score in (
        "accuracy",
        "accuracy/low",
        "accuracy/high",
        "auroc",
        "at_prior",
        "easy",
        "hard",
        "overlap",
        "weak_wrong",
    )
]
RECOVERY = ["gain", "gain/low", "gain/high", "pgr", "pgr/low", "pgr/high", "pgr/defined", "pgr/precise"]


def ran(**arguments: object) -> Recorder:
    recorder = Recorder()
    OnPool(recipe(**arguments), (Transfer(),)).run(recorder)  # type: ignore[arg-type]
    return recorder


def test_every_promised_metric_is_there_under_its_name() -> None:
    metrics = ran().metrics
    assert all(metrics[name] is not None for name in NAMES + RECOVERY)


def test_the_controls_are_students_of_permuted_labels_and_of_weak_trains_truth() -> None:
    recorder = Recorder()
    pool = recipe().prepare(recorder)
    Transfer().analyse(pool, recorder)
    gold = LogisticRegression(C=1 / 2.2, tol=1e-10, max_iter=5_000)
    train = pool.splits.weak_train
    gold.fit(train.inputs.features, train.labels.open("test"))
    expected = np.mean(gold.predict(pool.splits.test.inputs.features) == pool.splits.test.labels.open("test"))
    assert recorder.metrics["gold/accuracy"] == pytest.approx(expected)
    assert recorder.metrics["permuted/accuracy/low"] < 0.6 < recorder.metrics["student/accuracy"]
    bare = Recorder()
    pool = recipe().prepare(bare)
    Transfer(controls=False).analyse(pool, bare)
    assert {"gold/accuracy", "permuted/accuracy"}.isdisjoint(bare.metrics)
    assert bare.metrics["student/accuracy"] == recorder.metrics["student/accuracy"]


def test_mended_errors_are_told_apart_by_the_weak_models_confidence() -> None:
    """9 points, 3 in each third of confidence; the weak model is wrong on the first two of each."""
    sure = np.repeat([0.55, 0.7, 0.9], 3)
    labels = np.tile([1, 1, 0], 3)
    weak = np.column_stack([sure, 1 - sure])
    answers = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0])
    found = errors_of(np.eye(2)[answers], weak, labels)
    shares = [found[f"student/mends/{name}"] for name in ("least_sure", "middle", "surest")]
    assert shares == [1.0, 0.5, 0.0]
    assert errors_of(np.eye(2)[answers], np.eye(2)[labels], labels)["student/mends/surest"] is None


def test_student_and_ceiling_are_the_strong_model_on_weak_and_on_true_labels() -> None:
    """Scored by scikit-learn on the features themselves; l2 = .01 beside the mean is C = 1 / (2 * .01 * 110)."""
    recorder = Recorder()
    pool = recipe().prepare(recorder)
    Transfer().analyse(pool, recorder)
    train, test = pool.splits.pool, pool.splits.test
    features, tested, labels = train.inputs.features, test.inputs.features, test.labels.open("test")
    model = LogisticRegression(C=1 / 2.2, tol=1e-10, max_iter=5_000)
    truth = train.labels.open("test")
    ceiling = model.fit(features, truth).predict_proba(tested)[:, 1]
    assert recorder.metrics["ceiling/accuracy"] == pytest.approx(np.mean((ceiling > 0.5) == labels))
    assert recorder.metrics["ceiling/auroc"] == pytest.approx(roc_auc_score(labels, ceiling))
    rows, classes = np.repeat(features, 2, axis=0), np.tile([0, 1], len(features))
    student = model.fit(rows, classes, sample_weight=pool.weak_pool.ravel()).predict_proba(tested)[:, 1]
    assert recorder.metrics["student/accuracy"] == pytest.approx(np.mean((student > 0.5) == labels))
    regions = test.planted.open("test")
    for name, region in (("easy", Region.EASY), ("hard", Region.HARD), ("overlap", Region.OVERLAP)):
        inside = regions == region
        assert recorder.metrics[f"student/{name}"] == pytest.approx(np.mean((student > 0.5)[inside] == labels[inside]))


def test_the_weak_model_is_never_right_where_it_is_wrong_and_the_ceiling_sometimes_is() -> None:
    metrics = ran().metrics
    assert metrics["weak/weak_wrong"] == 0
    assert metrics["ceiling/weak_wrong"] is not None
    assert metrics["ceiling/weak_wrong"] > 0.5


def test_without_regions_the_regional_metrics_are_undefined_and_the_others_are_not() -> None:
    metrics = ran(detector=NoDetector()).metrics
    assert all(metrics[name] is None for name in NAMES if name.split("/")[1] in ("easy", "hard", "overlap"))
    assert all(metrics[name] is not None for name in NAMES if name.split("/")[1] in ("accuracy", "auroc", "at_prior"))
    assert metrics["gain"] is not None


def test_a_region_without_test_points_is_undefined() -> None:
    metrics = ran(overlap=0).metrics
    assert metrics["student/overlap"] is None
    assert metrics["student/easy"] is not None


def test_three_classes_are_scored() -> None:
    metrics = ran(dataset=Given(three_classes())).metrics
    assert all(metrics[name] is not None for name in NAMES)
    assert metrics["ceiling/accuracy"] > 1 / 3


def test_a_weak_model_at_chance_is_reported_as_such() -> None:
    """Labels that no feature tells: every interval holds one half or nearly, and no gap is claimed."""
    splits = fixed(easy=60, hard=60, overlap=60)
    draw = np.random.default_rng(3)
    noise = {
        role: replace(getattr(splits, role), labels=type(splits.pool.labels)(draw.integers(2, size=180)))
        for role in ("weak_train", "pool", "test")
    }
    metrics = ran(dataset=Given(replace(splits, **noise))).metrics
    assert metrics["pgr/defined"] == 0.0
    assert metrics["pgr"] is None
    assert abs(metrics["weak/accuracy"] - 0.5) < 0.15


def test_a_test_set_of_one_class_has_no_auroc() -> None:
    splits = fixed()
    ones = np.flatnonzero(splits.test.labels.open("test") == 1)
    metrics = ran(dataset=Given(replace(splits, test=splits.test.take(ones)))).metrics
    assert metrics["student/auroc"] is None
    assert metrics["student/accuracy"] is not None


def scored(accuracy: float, at_prior: float, auroc: float | None = 0.972) -> str | None:
    return threshold_note("student", {"student/accuracy": accuracy, "student/at_prior": at_prior, "student/auroc": auroc})


def test_a_threshold_that_costs_more_than_five_points_is_said() -> None:
    assert scored(0.66, 0.92) == (
        "The student ranks points well, but its threshold is off: AUROC 0.972, accuracy 66.0 %, "
        "and 92.0 % with classes in the shares of weak_train."
    )


@pytest.mark.parametrize(("accuracy", "at_prior"), [(0.9, 0.94), (0.92, 0.66), (0.9, 0.9)])
def test_a_threshold_that_costs_little_is_not_worth_a_note(accuracy: float, at_prior: float) -> None:
    assert scored(accuracy, at_prior) is None


def test_without_both_classes_among_the_test_points_nothing_is_said_of_the_threshold() -> None:
    assert scored(0.66, 0.92, auroc=None) is None


class Lopsided:
    """A probe whose threshold is far from where it learned it."""

    def fit(self, inputs: Inputs, targets: IntArray | FloatArray, weights: Any = None, validation: Any = None) -> Fitted:
        fitted = LogisticProbe(l2=0.01).fit(inputs, targets)
        return replace(fitted, bias=fitted.bias + 5)


def test_a_student_that_answers_one_class_is_noted_and_a_sound_one_is_not() -> None:
    assert ran().notes == []
    recorder, sound = Recorder(), recipe()
    lopsided = replace(sound, strong_model=Model(Raw(), Lopsided()))
    OnPool(lopsided, (Transfer(),)).run(recorder)
    assert [note.split(" ranks")[0] for note in recorder.notes] == ["The student", "The ceiling"]


def test_the_predictions_of_all_three_models_stand_in_the_table_of_points() -> None:
    recorder = ran()
    tested = recorder.tables["points"].query("split == 'test'")
    for name in ("weak", "student", "ceiling"):
        accuracy = np.mean((tested[name].astype(float) > 0.5) == (tested["label"] == 1))
        assert accuracy == pytest.approx(recorder.metrics[f"{name}/accuracy"])
    assert recorder.tables["points"].query("split == 'pool'")[["student", "ceiling"]].isna().all(axis=None)


def test_errors_repeated_and_new_are_counted_among_their_own_points() -> None:
    labels = np.array([0, 0, 0, 0, 1, 2])
    weak = np.eye(3)[[1, 1, 0, 0, 0, 1]]  # wrong on 0, 1, 4, 5
    student = np.eye(3)[[1, 0, 0, 2, 2, 2]]  # repeats 0; mends 1 and 5; another error on 4; a new one on 3
    found = errors_of(student, weak, labels)
    assert found["student/repeats"] == pytest.approx(1 / 4)
    assert found["student/new_errors"] == pytest.approx(1 / 2)
    assert errors_of(weak, np.eye(3)[labels], labels)["student/repeats"] is None


def test_the_history_of_a_network_becomes_a_table_and_a_series() -> None:
    steps = np.array([[1, 0.7, 0.5, 1e-3, 100], [2, 0.6, 0.75, 5e-4, 90]], dtype=float)
    recorder = Recorder()
    record_history("student", History(steps, np.array([[2.0, 0.8]])), recorder)
    table = recorder.tables["training"]
    assert table["step"].tolist() == [1, 2]
    assert table["validation"].isna().tolist() == [True, False]
    assert set(table["model"]) == {"student"}
