"""What weak_train tells: an estimate of the noise near the truth, and trials of students."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.pool.pools import recipe
from w2s.detector import MeanCosine, ResidualBelief, ValidatedDetector
from w2s.detector.threshold import NoiseMatched
from w2s.model import LogisticProbe
from w2s.pool.weak_train import NoiseEstimate
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import predicted
from w2s.statistics.held_out import cross_fitted
from w2s.types import FloatArray, Inputs, IntArray


def noisy_task(n: int, flipped: float, seed: int, n_classes: int = 2) -> tuple[Inputs, IntArray]:
    """Clear classes of which a share has another label: no model is right more often than 1 - flipped."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(n_classes, size=n)
    features = 3 * np.eye(n_classes, 6)[labels] + draw.normal(size=(n, 6))
    wrong = draw.random(n) < flipped
    return Inputs(features=features), np.where(wrong, (labels + 1) % n_classes, labels)


def one_hot(labels: IntArray, n_classes: int = 2) -> FloatArray:
    return np.eye(n_classes)[labels]


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("flipped", [0.0, 0.15, 0.3])
def test_the_estimate_is_near_the_true_share_of_wrong_labels(flipped: float, n_classes: int) -> None:
    train, truth = noisy_task(1500, flipped, 0, n_classes)
    pool, pool_truth = noisy_task(1500, flipped, 1, n_classes)
    probe = LogisticProbe()
    probabilities = probe.fit(train, truth).predict(pool)
    error = NoiseEstimate.fit(probe, train, one_hot(truth, n_classes), seed=0).error(probabilities)
    wrong = predicted(probabilities) != pool_truth
    assert error.mean() == pytest.approx(wrong.mean(), abs=0.03)
    for k in range(n_classes):
        members = predicted(probabilities) == k
        assert error[members].mean() == pytest.approx(wrong[members].mean(), abs=0.05)


def test_the_surer_of_two_points_of_one_class_is_never_thought_wrong_more_often() -> None:
    train, truth = noisy_task(400, 0.2, 2)
    pool, _ = noisy_task(300, 0.2, 3)
    probe = LogisticProbe()
    probabilities = probe.fit(train, truth).predict(pool)
    error = NoiseEstimate.fit(probe, train, one_hot(truth), seed=0).error(probabilities)
    for k in range(2):
        members = np.flatnonzero(predicted(probabilities) == k)
        order = members[np.argsort(probabilities[members, k])]
        assert (np.diff(error[order]) <= 1e-12).all()


def test_points_that_the_model_memorises_are_held_out() -> None:
    """With more features than points a probe is right on all it was fitted on, and on half of the others."""
    draw = np.random.default_rng(0)
    train, truth = Inputs(features=draw.normal(size=(60, 200))), draw.integers(2, size=60)
    probe = LogisticProbe(l2=1e-6)
    assert np.mean(predicted(probe.fit(train, truth).predict(train)) == truth) == 1.0
    held_out = cross_fitted(probe, train, one_hot(truth), seed=0, folds=5)
    assert np.mean(predicted(held_out) == truth) < 0.75


@pytest.mark.parametrize("fits", [1, 3])
def test_fewer_weak_models_judge_fewer_points_as_all_would(fits: int) -> None:
    learner = Counting()
    pool = replace(recipe(detector=MeanCosine()), weak_learner=learner, noise_fits=fits).prepare(Recorder())
    known, every = pool.weak_train, replace(pool.weak_train, noise_fits=5)
    assert len(known.judged) == pytest.approx(fits * len(every.judged) / 5, abs=1)
    assert len(learner.fits) == 1 + fits + 5
    np.testing.assert_array_equal(known.held_out[known.judged], every.held_out[known.judged])
    assert len(known.points().classes) == len(known.judged)
    assert np.isfinite(known.error(pool.weak_pool)).all()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_points_and_a_class_never_predicted_have_a_defined_estimate(n: int) -> None:
    train, truth = noisy_task(n, 0.0, 4)
    error = NoiseEstimate.fit(LogisticProbe(), train, one_hot(truth), seed=0).error(np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert ((error >= 0) & (error <= 1)).all()


@dataclass
class Counting:
    """A learner that counts its fits."""

    fits: list[int] = field(default_factory=list)

    def fit(self, inputs: Inputs, targets: Any, weights: Any = None, validation: Any = None) -> Any:
        self.fits.append(len(inputs))
        return LogisticProbe(C=1.0).fit(inputs, targets)


@pytest.mark.parametrize(
    ("detector", "weak_fits", "asks"),
    [
        (MeanCosine(), 1, False),
        (ResidualBelief(threshold=NoiseMatched()), 6, True),
        (ValidatedDetector(candidates={"a": MeanCosine()}), 1, True),
    ],
)
def test_a_detector_that_asks_for_nothing_costs_no_weak_fit_and_no_label(detector: Any, weak_fits: int, asks: bool) -> None:
    learner, recorder = Counting(), Recorder()
    pool = replace(recipe(detector=detector), weak_learner=learner).prepare(recorder)
    assert len(learner.fits) == weak_fits
    assert recorder.metrics["labels_used"] == (len(pool.splits.weak_train) if asks else 0)
    assert ("weak/estimated_noise" in recorder.metrics) == (weak_fits > 1)


@pytest.mark.parametrize("labels", ["soft", "hard"])
def test_a_trial_asks_students_of_the_picks_about_weak_train(labels: Any) -> None:
    pool = replace(recipe(detector=MeanCosine()), labels=labels).prepare(Recorder())
    picks = [np.arange(30), np.arange(20, 70)]
    right = pool.weak_train.trial([pool.evidence.take(pick) for pick in picks])
    truth = pool.splits.weak_train.labels.open("test")
    for pick, found in zip(picks, right, strict=True):
        student = pool.learners.probe.fit(pool.strong_pool.take(pick), pool.targets[pick])
        assert np.array_equal(found, predicted(student.predict(pool.strong_weak_train)) == truth)
