"""What is said of the data and of the partition, whatever the study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from w2s.pool.notes import data_notes, without_truth
from w2s.pool.pool import PreparedPool
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import auc, class_shares, correct, precision_recall_f1
from w2s.types import KNOWN_REGIONS, BoolArray, FloatArray, IntArray, Partition, Region, Splits

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 8
DETECTION = tuple(f"detection/{name}" for name in ("precision", "recall", "f1", "auc", "density_bias"))


def describe_splits(splits: Splits, recorder: Recorder) -> None:
    """Sizes, provenance, notes, and what to be cautious about."""
    for name, value in splits.provenance:
        recorder.fact(name, value)
    for note in splits.notes:
        recorder.note(note)
    roles = {"weak_train": splits.weak_train, "pool": splits.pool, "validation": splits.validation, "test": splits.test}
    for role, split in roles.items():
        recorder.fact(f"points/{role}", len(split))
    recorder.fact("class balance", class_balance(splits))
    for note in data_notes(splits):
        recorder.note(note)


def class_balance(splits: Splits) -> str:
    """Classes with their shares of weak_train, the `MOST_CLASSES` most frequent ones."""
    shares = prior_of(splits)
    order = np.argsort(-shares, kind="stable")
    named = [f"{splits.classes[k]} {100 * shares[k]:.1f} %" for k in order[:MOST_CLASSES]]
    more = [f"{len(order) - MOST_CLASSES} more"] if len(order) > MOST_CLASSES else []
    return ", ".join(named + more)


def describe_partition(prepared: PreparedPool, recorder: Recorder) -> None:
    """Densities, weak accuracy by region, detection scores where the truth is planted, and the table of points."""
    partition = prepared.partition
    right = None
    if prepared.has_truth:
        right = correct(prepared.weak_pool, prepared.splits.pool.truth("evaluation of the weak labels"))
        recorder.record({"weak/pool_accuracy": float(np.mean(right))})
    else:
        without_truth(recorder, ("weak/pool_accuracy", *(f"{each.name.lower()}/weak_accuracy" for each in KNOWN_REGIONS)))
    unknown = bool(np.all(partition.regions == Region.UNKNOWN))
    for region in KNOWN_REGIONS:
        members = partition.members(region)
        name = region.name.lower()
        share = "overlap/density" if region is Region.OVERLAP else f"overlap/{name}"
        recorder.record({share: None if unknown else partition.share(region)})
        if right is not None:
            recorder.record({f"{name}/weak_accuracy": float(np.mean(right[members])) if len(members) else None})
    if partition.reason is not None:
        recorder.skip("detection", partition.reason)
    _score_detection(prepared, recorder)
    recorder.table("points", points_table(prepared))


def describe_weak_train(prepared: PreparedPool, recorder: Recorder) -> None:
    """How many of weak_train's true labels detection looked at, and the share of wrong weak labels.

    The share is estimated where detection asked for it, and where nobody can count it in the pool.
    """
    weak_train = prepared.weak_train
    recorder.record({"labels_used": float(weak_train.labels_used)})
    if weak_train.knows_noise or not prepared.has_truth:
        recorder.record({"weak/estimated_noise": float(np.mean(weak_train.error(prepared.weak_pool)))})


def _score_detection(prepared: PreparedPool, recorder: Recorder) -> None:
    planted = prepared.splits.pool.planted
    if planted is None:
        return
    if np.all(prepared.partition.regions == Region.UNKNOWN):
        recorder.record(dict.fromkeys(DETECTION))
        return
    scores = detection_scores(prepared.partition, planted.open("evaluation of the detection"))
    recorder.record(dict(zip(DETECTION, scores, strict=True)))


def detection_scores(partition: Partition, truth: IntArray) -> tuple[float | None, ...]:
    """Precision, recall and F1 of overlap, AUC of the score for overlap against easy, detected minus true density.

    The AUC is over the points with a score whose true region is easy or overlap; (n,) `truth` holds `Region` codes.
    """
    found, true = partition.regions == Region.OVERLAP, truth == Region.OVERLAP
    scored: BoolArray = np.isfinite(partition.score) & (truth != Region.HARD)
    area = auc(partition.score[scored], true[scored])
    return *precision_recall_f1(found, true), area, float(found.mean() - true.mean())


def points_table(prepared: PreparedPool) -> pd.DataFrame:
    """One row per pool and test point; predictions and choices are added by the studies."""
    import pandas as pd

    pool, test = prepared.splits.pool, prepared.splits.test
    columns = {
        "id": pool.ids,
        "split": "pool",
        "source": pool.sources,
        "label_weak": prepared.weak_classes,
        **{f"p_{k}": prepared.weak_pool[:, k] for k in range(prepared.n_classes)},
        "confidence": prepared.partition.confidence,
        "score": prepared.partition.score,
        "region": region_names(prepared.partition.regions),
    }
    tested = {
        "id": test.ids,
        "split": "test",
        "label": prepared.test_labels(),
        **probability_columns("weak", prepared.weak_test),
        "region": region_names(prepared.test_partition.regions),
    }
    frame = pd.concat([pd.DataFrame(columns), pd.DataFrame(tested)], ignore_index=True)
    return frame.astype({"label_weak": "Int64", "label": "Int64"})


def keep_by_test_point(prepared: PreparedPool, recorder: Recorder, name: str, difference: FloatArray) -> None:
    """Keep a difference in correctness (draws, m), mean over draws, as a column `name` of the m test points.

    A recorder that was not there when the pool was prepared has no table of points, and keeps nothing.
    """
    if "points" in recorder.tables:
        recorder.add_columns("points", "test", prepared.splits.test.ids, {name: difference.mean(axis=0)})


def probability_columns(name: str, probabilities: FloatArray) -> dict[str, FloatArray]:
    """Probability of class 1 as `name` with two classes, of every class as `name_k` with more."""
    if probabilities.shape[1] == 2:
        return {name: probabilities[:, 1]}
    return {f"{name}_{k}": probabilities[:, k] for k in range(probabilities.shape[1])}


def region_names(regions: IntArray) -> npt.NDArray[np.object_]:
    """(n,) names for `Region` codes, in lower case."""
    return np.array([region.name.lower() for region in sorted(Region)], dtype=object)[regions - int(Region.UNKNOWN)]


def feature_names(splits: Splits) -> list[str]:
    """Names of the d feature columns as the data call them, a list's numbers as `emb[0]` ...; else x0 ... x{d-1}."""
    features, named = splits.pool.inputs.features, () if splits.columns is None else splits.columns.features
    width = 0 if features is None else features.shape[1]
    if len(named) == width:
        return list(named)
    return [f"{named[0]}[{k}]" if len(named) == 1 else f"x{k}" for k in range(width)]


def prior_of(splits: Splits) -> FloatArray:
    """(C,) class shares of weak_train."""
    return class_shares(splits.weak_train.truth("class prior of weak_train"), len(splits.classes))
