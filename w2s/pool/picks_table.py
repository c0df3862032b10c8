"""What is taken away from a run: every pool point by rank, with the label of the weak model and that of the student."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from w2s.pool.pool import PreparedPool
from w2s.pool.summary import feature_names, region_names
from w2s.protocols import TrainsRepresentation
from w2s.types import FloatArray, IntArray, Region, Splits

if TYPE_CHECKING:
    import pandas as pd

ORDER = (Region.OVERLAP, Region.EASY, Region.UNKNOWN, Region.HARD)
"""From the points that a student learns most from to those whose weak labels are least to be trusted."""
MOST = 1_000_000
"""Points that are written, the first by rank; the table of points holds all."""
OWN = ("rank", "id", "source", "region", "confidence", "score", "bought", "reason")
"""Names of columns that say something of the run, as do those that begin with weak_ and student_."""
MOST_COLUMNS = 64
"""Feature columns, and classes with a probability of their own, that are written."""


def picks_table(prepared: PreparedPool, bought: pd.DataFrame | None = None, *, words: bool = True) -> pd.DataFrame:
    """The points of the pool by rank, `MOST` at most: regions in the `ORDER`, the highest score first, or the surest.

    Args:
        prepared: the pool; its student is trained here where no study has done so, unless it trains a network.
        bought: columns id, chosen, round of what a policy bought.
        words: whether the points' texts and columns are among the columns.

    Returns:
        Columns rank, id, text or image or the feature columns by their names, source, weak_label, weak_p_CLASS,
        student_label, student_p_CLASS, region, confidence, score, bought, reason; those there are.
    """
    import pandas as pd

    pool, partition = prepared.splits.pool, prepared.partition
    student = prepared.student_on_pool(train=not isinstance(prepared.learners.student, TrainsRepresentation))
    order = ranked(prepared)[:MOST]
    columns: dict[str, object] = {"rank": np.arange(1, len(order) + 1), "id": pool.ids[order]}
    columns |= _shown(prepared.splits, order) if words else {}
    columns |= {} if pool.sources is None else {"source": pool.sources[order]}
    for name, answers in (("weak", prepared.weak_pool), ("student", student)):
        columns |= {} if answers is None else answered(name, answers[order], prepared.splits.classes)
    columns |= {
        "region": region_names(partition.regions[order]),
        "confidence": partition.confidence[order],
        "score": partition.score[order],
    }
    frame = pd.DataFrame(columns)
    if bought is not None:
        frame["bought"] = frame["id"].map(bought.set_index("id")["chosen"].astype(bool))
    return frame.assign(reason=_reasons(prepared, student, order))


def ranked(prepared: PreparedPool) -> IntArray:
    """(n,) positions of the pool's points, the first to be taken first; those that the refiner dropped are last."""
    partition = prepared.partition
    region = np.array([ORDER.index(Region(code)) for code in sorted(Region)])[partition.regions + 1]
    key = np.where(np.isfinite(partition.score), partition.score, partition.confidence)
    dropped = np.ones(len(key), dtype=np.bool_)
    dropped[prepared.kept_among()] = False
    return np.lexsort((-key, region, dropped))


def answered(name: str, answers: FloatArray, classes: tuple[str, ...]) -> dict[str, object]:
    """Columns of probabilities (n, C): the most probable class by its name, and each class's probability, or the top one."""
    best = answers.argmax(axis=1)
    found: dict[str, object] = {f"{name}_label": np.array(classes)[best]}
    if len(classes) > MOST_COLUMNS:
        return found | {f"{name}_p": answers.max(axis=1)}
    return found | {f"{name}_p_{label}": answers[:, k] for k, label in enumerate(classes)}


def _shown(splits: Splits, order: IntArray) -> dict[str, object]:
    inputs = splits.pool.inputs
    if inputs.texts is not None:
        return {"text": [inputs.texts[i] for i in order.tolist()]}
    if inputs.images is not None:
        return {"image": [inputs.images[i].name for i in order.tolist()]}
    if inputs.features is None or inputs.features.shape[1] > MOST_COLUMNS:
        return {}
    named = [f"{name} (data)" if _is_own(name) else name for name in feature_names(splits)]
    return {name: inputs.features[order, k] for k, name in enumerate(named)}


def _is_own(name: str) -> bool:
    """Whether a feature column is called as one that the table has anyway."""
    return name in OWN or name.startswith(("weak_", "student_"))


def _reasons(prepared: PreparedPool, student: FloatArray | None, order: IntArray) -> list[str]:
    """Why each point at `order` stands where it does."""
    partition = prepared.partition
    hard, overlap = partition.threshold_hard, partition.threshold_overlap
    unsure = "" if hard is None else f", {{}} {hard:.3f}"
    low, high = unsure.format("at most"), unsure.format("above")
    differs = np.zeros(len(partition), dtype=np.bool_)
    if student is not None:
        differs = student.argmax(axis=1) != prepared.weak_classes
    kept = np.isin(np.arange(len(partition)), prepared.kept_among())
    told = []
    for i in order.tolist():
        region, sure = Region(int(partition.regions[i])), f"{partition.confidence[i]:.3f}"
        score = partition.score[i]
        scored = "" if not np.isfinite(score) else f"score {score:.3f}"
        if region is Region.HARD:
            text = f"hard: the weak model is unsure (confidence {sure}{low})"
        elif region is Region.UNKNOWN:
            text = f"no region: {partition.reason or 'the detector makes no statement'}"
        else:
            over = "at least" if region is Region.OVERLAP else "below"
            scored += f", {over} {overlap:.3f}" if scored and overlap is not None else ""
            text = f"{region.name.lower()}: the weak model is sure (confidence {sure}{high}){'; ' if scored else ''}{scored}"
        text += "; the student says otherwise" if differs[i] else ""
        told.append(text if kept[i] else f"{text}; the refiner left it out")
    return told
