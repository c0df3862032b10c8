"""Weak labels refined once, before any student learns from them, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from w2s.protocols import Fitted, Learner, PoolView, Refiner
from w2s.refiner import NoRefiner
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import precision_recall_f1, predicted
from w2s.types import BoolArray, FloatArray, Index, Inputs, IntArray, LabelledInputs, Refined


def applied(refiner: Refiner, view: PoolView, targets: FloatArray, recorder: Recorder) -> Refined:
    """The refined weak labels (n, C), with a note where a refiner leaves nothing to learn from, or one class alone.

    Weights are brought to mean 1 over the kept points, so that they change no penalty; a point of weight 0 is dropped. Where
    nothing is left the labels stay as they were.
    """
    if isinstance(refiner, NoRefiner):
        return Refined(targets)
    with recorder.stage("refiner"):
        refined = normalised(refiner.refine(view, targets))
    for note in _notes(refined):
        recorder.note(note)
    if refined.kept is not None and not refined.kept.any():
        refined = Refined(targets)
    truth = None if view.truth is None else view.truth.open("evaluation of the refiner")
    recorder.record(measures(refined, targets, truth))
    return refined


def normalised(refined: Refined) -> Refined:
    """Without weights of 0, the others of mean 1 over the kept points; what says nothing becomes None."""
    kept = np.ones(len(refined.targets), dtype=np.bool_) if refined.kept is None else refined.kept
    weights = refined.weights
    if weights is not None:
        kept = kept & (weights > 0)
        total = float(weights[kept].mean()) if kept.any() else 1.0
        weights = np.where(kept, weights / total, 0.0)
    return Refined(refined.targets, weights, None if kept.all() else kept)


def _notes(refined: Refined) -> Iterator[str]:
    left = predicted(refined.targets[refined.among(slice(None))])
    if len(left) == 0:
        yield "The refiner keeps no point: students learn from the weak labels as they are."
    elif len(np.unique(left)) == 1 and refined.targets.shape[1] > 1:
        yield f"The refiner leaves labels of one class alone ({len(left)} points): students learn nothing else."


def measures(refined: Refined, targets: FloatArray, truth: IntArray | None) -> dict[str, float | None]:
    """What a refiner did to `targets` (n, C), and with true classes (n,) how right it was.

    `precision` and `recall` are of "the weak label is wrong", said of a point by dropping it or by changing its class.
    """
    kept = np.ones(len(targets), dtype=np.bool_) if refined.kept is None else refined.kept
    weak, after = predicted(targets), predicted(refined.targets)
    doubted = ~kept | (weak != after)
    found: dict[str, float | None] = {
        "refiner/kept": float(kept.mean()),
        "refiner/changed": float(np.mean((weak != after)[kept])) if kept.any() else None,
    }
    if truth is None:
        return found
    wrong, weights = weak != truth, kept if refined.weights is None else refined.weights
    precision, recall, _ = precision_recall_f1(doubted, wrong)
    return found | {
        "refiner/accuracy_before": float(1 - wrong.mean()),
        "refiner/accuracy_after": label_accuracy(after == truth, weights),
        "refiner/precision": precision,
        "refiner/recall": recall,
    }


def label_accuracy(right: BoolArray, weights: FloatArray | BoolArray) -> float | None:
    """Share of right labels (n,), each as often as it counts; None of nothing."""
    return float(np.average(right, weights=weights)) if weights.any() else None


def learn(
    learner: Learner, inputs: Inputs, refined: Refined, index: Index, validation: LabelledInputs | None = None
) -> Fitted:
    """The learner trained on the kept ones of the points at `index`, with their refined labels and weights."""
    chosen = refined.among(index)
    weights = None if refined.weights is None else refined.weights[chosen]
    return learner.fit(inputs.take(chosen), refined.targets[chosen], weights=weights, validation=validation)
