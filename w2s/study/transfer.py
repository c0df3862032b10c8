"""Weak, student and ceiling on the test points: what the student gains, and how much of the gap it recovers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from w2s.identity import identity
from w2s.model.model import FittedModel
from w2s.pool.pool import PreparedPool
from w2s.pool.summary import prior_of, probability_columns
from w2s.protocols import TrainedBySteps
from w2s.results.files import TRAINING
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import accuracy_at_prior, auroc, calibration_error, correct, predicted
from w2s.statistics.intervals import proportion_interval
from w2s.statistics.pgr import recovery
from w2s.types import KNOWN_REGIONS, BoolArray, FloatArray, History, IntArray

OFF = 0.05
"""Accuracy lost to the threshold from which on a note says so."""


@identity()
@dataclass(frozen=True, kw_only=True)
class Transfer:
    """The student on all weak labels of the pool against the weak model and the ceiling (paper, section 3)."""

    @property
    def fits(self) -> int:
        """Student and ceiling."""
        return 2

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record accuracies, gain and PGR with intervals over test points, all by region, and the predictions."""
        with recorder.stage("transfer"):
            trained = {"student": prepared.student, "ceiling": prepared.fit_ceiling()}
            answers = {"weak": prepared.weak_test}
            for name, fitted in trained.items():
                answers[name] = fitted.predict(prepared.strong_test)
                if isinstance(fitted, TrainedBySteps):
                    record_history(name, fitted.history, recorder)
        recorder.fitted("student", FittedModel.to_save(prepared.encoder, prepared.student))
        right = {name: correct(probabilities, prepared.test_labels()) for name, probabilities in answers.items()}
        for name, probabilities in answers.items():
            recorder.record(score(name, probabilities, prepared, weak_right=right["weak"]))
        recorder.record(errors_of(answers["student"], prepared.weak_test, prepared.test_labels()))
        for name in ("student", "ceiling"):
            if lost := threshold_note(name, recorder.metrics):
                recorder.note(lost)
        recorder.record(recovery(np.column_stack(list(right.values()))[None]))
        columns = {
            key: value for name in ("student", "ceiling") for key, value in probability_columns(name, answers[name]).items()
        }
        recorder.add_columns("points", "test", prepared.splits.test.ids, columns)


def errors_of(student: FloatArray, weak: FloatArray, labels: IntArray) -> dict[str, float | None]:
    """Which of the weak model's errors the student repeats, and which it adds: probabilities (n, C), true labels (n,)."""
    weak_right, same = correct(weak, labels), predicted(student) == predicted(weak)
    found: dict[str, float | None] = {}
    for name, among, which in (
        ("student/repeats", ~weak_right, same),
        ("student/new_errors", weak_right, ~correct(student, labels)),
    ):
        found |= dict.fromkeys((name, f"{name}/low", f"{name}/high"))
        if among.any():
            share = proportion_interval(int(which[among].sum()), int(among.sum()))
            found |= {name: share.value, f"{name}/low": share.low, f"{name}/high": share.high}
    return found


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
    accuracy = proportion_interval(int(right.sum()), len(right))
    metrics: dict[str, float | None] = {
        f"{name}/accuracy": accuracy.value,
        f"{name}/accuracy/low": accuracy.low,
        f"{name}/accuracy/high": accuracy.high,
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
