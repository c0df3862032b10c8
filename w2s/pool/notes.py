"""What a reader of a run's numbers must know of its data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import class_shares
from w2s.types import IntArray, Split, Splits

LOPSIDED = 0.95
"""Share of the most frequent class from which on accuracy says little."""

FEW = 5
"""Points of a class in weak_train below which a model can hardly learn it."""

NAMED = 8
"""Classes that one note names at most."""

NEEDS_TRUTH = "ceiling, PGR, oracle controls, right weak labels"
"""What is not measured where nobody knows the pool's true labels."""


def without_truth(recorder: Recorder, metrics: Iterable[str]) -> None:
    """Leave `metrics` undefined that need the pool's true labels; one line says so, however many there are."""
    recorder.skip(NEEDS_TRUTH, "the pool's points have no true labels", metrics)


def data_notes(splits: Splits) -> Iterator[str]:
    """Notes on points that stand in several roles or several times, on classes of very unequal size and on tiny ones.

    Points are the same where their texts are, or without texts their pictures or features.
    """
    roles = {"weak_train": splits.weak_train, "pool": splits.pool, "validation": splits.validation, "test": splits.test}
    kind, found = _kind(roles), {role: contents(split) for role, split in roles.items()}
    yield from _shared(found, kind)
    yield from _repeated(found, kind)
    shares = class_shares(splits.weak_train.truth("share of the most frequent class"), len(splits.classes))
    if shares.max() >= LOPSIDED:
        yield (
            f"{100 * shares.max():.1f} % of weak_train has the label '{splits.classes[int(shares.argmax())]}': a model that "
            "always says so is right as often. Read AUROC, or take equal classes (dataset.balance=true where there is one)."
        )
    yield from _tiny(splits)


def _tiny(splits: Splits) -> Iterator[str]:
    known = [split for split in (splits.weak_train, splits.pool) if split.labels is not None]
    counts = [np.bincount(split.truth("count the points of each class"), minlength=len(splits.classes)) for split in known]
    weak, there = counts[0], sum(counts) > 0 if len(counts) > 1 else np.ones(len(splits.classes), dtype=np.bool_)
    tiny = [f"'{splits.classes[k]}' ({weak[k]})" for k in np.flatnonzero((weak < FEW) & there)]
    if tiny:
        more = f" and {len(tiny) - NAMED} more classes" if len(tiny) > NAMED else ""
        yield (
            f"weak_train holds fewer than {FEW} points of {', '.join(tiny[:NAMED])}{more}: "
            "the weak model can hardly learn that."
        )


def _shared(rows: Mapping[str, IntArray], kind: str) -> Iterator[str]:
    found = []
    for (other, first), (role, second) in itertools.combinations(rows.items(), 2):
        count = int(np.isin(second, first).sum())
        if count:
            found.append(f"{count} of {role} stand in {other}, too")
    if found:
        yield f"Roles share {kind}: {'; '.join(found)}."


def _repeated(rows: Mapping[str, IntArray], kind: str) -> Iterator[str]:
    if kind != "texts":
        together = np.concatenate(list(rows.values()))
        count = len(together) - len(np.unique(together))
        if count:
            what = "features" if kind == "feature rows" else "picture"
            yield f"{count} of {len(together)} points repeat another point's {what}."


def contents(split: Split) -> IntArray:
    """(n,) numbers that are the same where two points are; none where there is nothing to compare."""
    inputs = split.inputs
    parts: Iterable[str | bytes] = ()
    if inputs.texts is not None:
        parts = inputs.texts
    elif inputs.images is not None:
        parts = (picture.sha256 for picture in inputs.images)
    elif inputs.features is not None:
        parts = (row.tobytes() for row in inputs.features)
    return np.fromiter(map(hash, parts), dtype=np.int64)


def _kind(roles: Mapping[str, Split]) -> str:
    held = roles["pool"].inputs
    return "texts" if held.texts is not None else "pictures" if held.images is not None else "feature rows"
