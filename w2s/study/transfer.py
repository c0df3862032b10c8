"""Weak, student and ceiling on the test points: what the student gains, and how much of the gap it recovers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from w2s.identity import identity
from w2s.model.chain import FittedChain
from w2s.model.model import FittedModel
from w2s.pool.notes import without_truth
from w2s.pool.pool import PreparedPool
from w2s.pool.student_predictions import one_hot
from w2s.pool.summary import prior_of, probability_columns
from w2s.pool.weak_train import FOLDS
from w2s.protocols import TrainedBySteps
from w2s.results.files import TRAINING
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.accuracy import accuracy_at_prior, auroc, calibration_error, confidence, correct, predicted
from w2s.statistics.held_out import cross_fitted
from w2s.statistics.intervals import proportion_interval
from w2s.statistics.pgr import ends, recovery
from w2s.types import KNOWN_REGIONS, BoolArray, FloatArray, History, IntArray
from w2s.utils.numerics import steady

THIRDS = ("least_sure", "middle", "surest")
"""Thirds of the test points by the weak model's confidence."""
OFF = 0.05
"""Accuracy lost to the threshold from which on a note says so."""


@identity()
@dataclass(frozen=True, kw_only=True)
class Transfer:
    """The student on all weak labels of the pool against the weak model and the ceiling (paper, section 3)."""

    controls: bool = True
    """Two more students: of the same weak labels dealt to other points, which teach nothing but their frequencies, and of
    the true labels of weak_train, which is what the weak model itself learned from."""

    @property
    def fits(self) -> int:
        """Student and ceiling, and the two controls."""
        return 4 if self.controls else 2

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record accuracies, gain and PGR with intervals over test points, all by region, and the predictions."""
        with recorder.stage("transfer"):
            trained = {"student": prepared.student}
            if prepared.has_truth:
                trained["ceiling"] = prepared.fit_ceiling()
            else:
                recorder.record(cross_fitted_accuracies(prepared))
            answers = {"weak": prepared.weak_test}
            for name, fitted in trained.items():
                answers[name] = steady(fitted.predict, prepared.strong_test)
                if isinstance(fitted, TrainedBySteps):
                    record_history(name, fitted.history, recorder)
        recorder.fitted("student", FittedModel.to_save(prepared.encoder, prepared.student))
        right = {name: correct(probabilities, prepared.test_labels()) for name, probabilities in answers.items()}
        for name, probabilities in answers.items():
            recorder.record(score(name, probabilities, prepared, weak_right=right["weak"]))
        if not prepared.has_truth:
            without_truth(recorder, [f"ceiling/{key}" for key in score_keys()])
        recorder.record(errors_of(answers["student"], prepared.weak_test, prepared.test_labels()))
        recorder.record(links(prepared))
        if self.controls:
            with recorder.stage("controls of transfer"):
                recorder.record(controls(prepared))
        for name in trained:
            if lost := threshold_note(name, recorder.metrics):
                recorder.note(lost)
        recorder.record(recovery(np.column_stack(list(right.values()))[None]))
        columns = {key: value for name in trained for key, value in probability_columns(name, answers[name]).items()}
        recorder.add_columns("points", "test", prepared.splits.test.ids, columns)


def cross_fitted_accuracies(prepared: PreparedPool) -> dict[str, float | None]:
    """Accuracies of strong and weak model on weak_train, each point by models trained on the other folds' true labels.

    A ceiling where nobody knows the pool's true labels: of fewer training points than the pool has, so rather too low.
    """
    known = prepared.weak_train
    strong = cross_fitted(prepared.learners.ceiling, known.strong, known.truth, seed=prepared.seed, folds=FOLDS)
    gold = predicted(known.truth)
    found: dict[str, float | None] = {}
    for name, answers in (("ceiling", strong), ("weak", known.held_out)):
        found |= with_interval(f"{name}/cross_fitted", correct(answers, gold))
    return found


def score_keys() -> Iterator[str]:
    """What `score` records of a model, without the model's name."""
    yield from ("accuracy", "accuracy/low", "accuracy/high", "auroc", "at_prior", "ece", "weak_wrong")
    yield from (region.name.lower() for region in KNOWN_REGIONS)


def errors_of(student: FloatArray, weak: FloatArray, labels: IntArray) -> dict[str, float | None]:
    """Which of the weak model's errors the student repeats, mends and adds: probabilities (n, C), true labels (n,).

    Those that it mends are also told apart by the weak model's confidence, in thirds of all test points.
    """
    weak_right, right, same = correct(weak, labels), correct(student, labels), predicted(student) == predicted(weak)
    sure = confidence(weak)
    third = np.searchsorted(np.quantile(sure, [1 / 3, 2 / 3]), sure, side="left") if len(sure) else sure
    found = with_interval("student/repeats", same[~weak_right]) | with_interval("student/new_errors", ~right[weak_right])
    for k, name in enumerate(THIRDS):
        found |= with_interval(f"student/mends/{name}", right[~weak_right & (third == k)])
    return found


def controls(prepared: PreparedPool) -> dict[str, float | None]:
    """Test accuracies of two students: on permuted weak labels, and on weak_train's true labels."""
    learners = prepared.learners
    learned = prepared.kept_among(prepared.fit_on)
    order = generator(prepared.seed, "transfer", "permuted").permutation(learned)
    weights = None if prepared.weights is None else prepared.weights[order]
    kept = prepared.strong_pool.take(learned)
    gold = one_hot(prepared.splits.weak_train.truth("control: a student of true labels"), prepared.n_classes)
    students = {
        "permuted": learners.student.fit(kept, prepared.targets[order], weights=weights, validation=prepared.validation),
        "gold": learners.ceiling.fit(prepared.strong_weak_train, gold),
    }
    found: dict[str, float | None] = {}
    for name, student in students.items():
        found |= with_interval(f"{name}/accuracy", prepared.right_on_test(student))
    return found


def links(prepared: PreparedPool) -> dict[str, float | None]:
    """Test accuracy of each link where the weak model is a chain, and of the last one without those between."""
    chain = prepared.weak_train.model
    if not isinstance(chain, FittedChain):
        return {}
    models = dict(zip(chain.names, chain.links, strict=True)) | {"direct": chain.direct, "equal_cost": chain.equal_cost}
    test = prepared.splits.test.inputs
    found: dict[str, float | None] = {}
    for name, model in models.items():
        if model is not None:
            found |= with_interval(f"chain/{name}/accuracy", correct(model.predict(test), prepared.test_labels()))
    return found


def with_interval(name: str, hits: BoolArray) -> dict[str, float | None]:
    """A share with its Wilson interval, all undefined of nothing."""
    if not len(hits):
        return dict.fromkeys((name, f"{name}/low", f"{name}/high"))
    return ends(name, proportion_interval(int(hits.sum()), len(hits)))


def record_history(name: str, history: History, recorder: Recorder) -> None:
    """A row of the table `training` for each step of a model's training; the tracker gets them as a series."""
    import pandas as pd

    frame = pd.DataFrame(history.steps, columns=["step", "loss", "agreement", "rate", "tokens"])
    watched = pd.Series(history.evaluations[:, 1], index=history.evaluations[:, 0], dtype=float)
    frame["validation"] = frame["step"].map(watched)
    recorder.table(TRAINING, frame.assign(model=name).astype({"step": int, "tokens": int}))
    for row in frame.to_dict("records"):
        values = {"loss": row["loss"], "agreement": row["agreement"], "rate": row["rate"]}
        recorder.step({f"training/{name}/{key}": float(value) for key, value in values.items()}, int(row["step"]))


def score(name: str, probabilities: FloatArray, prepared: PreparedPool, *, weak_right: BoolArray) -> dict[str, float | None]:
    """Metrics of one model on the test points, from its probabilities (n, C)."""
    labels = prepared.test_labels()
    right = correct(probabilities, labels)
    metrics: dict[str, float | None] = {
        **with_interval(f"{name}/accuracy", right),
        f"{name}/auroc": auroc(probabilities, labels),
        f"{name}/at_prior": accuracy_at_prior(probabilities, labels, prior_of(prepared.splits)),
        f"{name}/ece": calibration_error(probabilities, labels),
        f"{name}/weak_wrong": mean_or_none(right[~weak_right]),
    }
    for region in KNOWN_REGIONS:
        members = prepared.test_partition.members(region)
        metrics[f"{name}/{region.name.lower()}"] = mean_or_none(right[members])
    return metrics


def threshold_note(name: str, metrics: Mapping[str, float | None]) -> str | None:
    """What to say where a model orders the points better than it answers: more than `OFF` lies in its threshold."""
    accuracy, at_prior, ranking = (metrics[f"{name}/{score}"] for score in ("accuracy", "at_prior", "auroc"))
    if accuracy is None or at_prior is None or ranking is None or at_prior - accuracy <= OFF:
        return None
    return (
        f"The {name} ranks points well, but its threshold is off: AUROC {ranking:.3f}, accuracy {100 * accuracy:.1f} %, "
        f"and {100 * at_prior:.1f} % with classes in the shares of weak_train."
    )


def mean_or_none(values: BoolArray) -> float | None:
    """The mean, or None of nothing."""
    return float(np.mean(values)) if len(values) else None
