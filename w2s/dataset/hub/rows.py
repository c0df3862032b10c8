"""From rows of a hub data set to labelled texts: formatting, dropping, balancing, all decided row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from w2s.dataset.columns.template import Template
from w2s.dataset.columns.values import class_name
from w2s.dataset.hub.candidates import CandidateRule
from w2s.dataset.roles.dealing import stratified
from w2s.errors import DataError, require
from w2s.seeding import generator
from w2s.types import FloatArray, Inputs, IntArray, Picture, Sealed, Split, StrArray, as_names

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 2_048
"""Rows made into Python values at once."""

HELD_OUT_SEED = 0
"""Which rows are held out does not depend on the run."""

MOST_CLASSES = 1_000
"""A column with more values than this holds numbers, not classes."""


@dataclass(frozen=True)
class Rows:
    """n rows, each with its own draws, so that neither sizes nor roles change what a row shows."""

    table: pa.Table
    draws: FloatArray
    """(n, 2) in [0, 1): the coin that decides for a right answer, and which of the answers."""
    splits: tuple[tuple[str, int], ...]
    """(split, how many of the n rows, in this order)."""
    order: IntArray
    """Positions of the rows that may be used, first to last."""

    def ids(self, positions: IntArray) -> StrArray:
        """Split and place in it of the rows at `positions`, as in `train-17`."""
        stops = np.cumsum([size for _, size in self.splits])
        which = np.searchsorted(stops, positions, side="right")
        starts = stops - [size for _, size in self.splits]
        return as_names(
            [f"{self.splits[k][0]}-{p - starts[k]}" for k, p in zip(which.tolist(), positions.tolist(), strict=True)]
        )

    def positions(self, ids: StrArray) -> IntArray:
        """Positions of the rows of these `ids`."""
        starts = dict(
            zip((name for name, _ in self.splits), np.cumsum([0, *(size for _, size in self.splits)]), strict=False)
        )
        named = (name.rsplit("-", 1) for name in ids.tolist())
        return np.array([starts[split] + int(place) for split, place in named], dtype=np.int64)


class Formatter(Protocol):
    """Makes a text or picture and its class code out of a row and its two draws; None where it gives no labelled point."""

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[str | Picture, int] | None:
        """The text or picture, and the code."""
        ...


@dataclass(frozen=True)
class LabelFormatter:
    """The row has a label; the draws play no part."""

    template: Template
    label: str
    codes: Mapping[Any, int]
    """Label value -> class code; a value that is missing here means that the row has no label."""

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[str, int] | None:  # noqa: ARG002
        """The text of the row and its label's code."""
        code = self.codes.get(row[self.label])
        return None if code is None else (self.template.render(row), code)


@dataclass(frozen=True)
class AnswerFormatter:
    """The row has candidate answers, of which the draws show one; code 1 where it is right."""

    template: Template
    candidates: CandidateRule

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[str, int] | None:
        """The text with `{answer}` (and `{choices}`, where it lists them), and whether the answer is right."""
        candidates = self.candidates(row)
        shown = candidates.shown(coin, pick) if candidates else None
        if candidates is None or shown is None:
            return None
        answer, label = shown
        return self.template.render({**row, "answer": answer, "choices": candidates.listing}), label


def hold_out(rows: Rows, n: int) -> tuple[Rows, Rows]:
    """The rows without `n` of them, and those, which are the same whatever the data seed.

    Raises:
        DataError: there are not more than `n` rows.
    """
    total = len(rows.draws)
    require(n < total, f"held_out={n:,}: the train splits hold {total:,} rows.", DataError)
    held = np.zeros(total, dtype=np.bool_)
    held[generator(HELD_OUT_SEED, "hub", "held out").permutation(total)[:n]] = True
    return replace(rows, order=rows.order[~held[rows.order]]), replace(rows, order=rows.order[held[rows.order]])


def label_codes(
    columns: Sequence[pa.ChunkedArray], name: str, positive: Sequence[Any] | None = None
) -> tuple[dict[Any, int], tuple[str, ...]]:
    """Label value -> class code, ascending, and the classes' names. A missing label and the hub's -1 are no class.

    Args:
        columns: the label column of each table.
        name: what it is called.
        positive: values that make class 1, all others class 0; None makes a class of each.

    Raises:
        DataError: there is one class only, or so many that the column holds no classes.
    """
    import pyarrow as pa

    try:
        found = {value for column in columns for value in column.unique().to_pylist()}
        values = sorted(value for value in found if value is not None and value not in (-1, ""))
    except (TypeError, pa.ArrowNotImplementedError) as error:
        kinds = " and ".join(dict.fromkeys(str(column.type) for column in columns))
        raise DataError(f"column '{name}' holds {kinds}: labels are numbers, words or truth values, of one kind.") from error
    names = tuple(map(class_name, values))
    require(
        len(values) <= MOST_CLASSES,
        f"column '{name}' holds {len(values):,} different values: too many for classes.",
        DataError,
    )
    if len(values) < 2:
        only = f"Every row has the label '{names[0]}'" if values else "No row has a label"
        raise DataError(f"{only} in column '{name}': there is nothing to learn.\nA data set needs at least two classes.")
    if positive is None:
        return {value: k for k, value in enumerate(values)}, names
    codes = {value: int(value in positive) for value in values}
    require(
        len(set(codes.values())) == 2,
        f"dataset.positive={list(positive)}: column '{name}' holds {', '.join(names[:12])}.\nName some of them, not all.",
        DataError,
    )
    return codes, ("other", "positive")


def draw_points(
    rows: Rows, formatter: Formatter, *, n: int, classes: Sequence[str], balance: bool, strata: np.random.Generator
) -> tuple[Split, int]:
    """The first points in the rows' order that make `n`, and how many rows on the way gave no labelled text.

    With `balance` each class gives the same number, as many as the rarest has or as `n` needs; then the classes are mixed
    so that every stretch of the result holds each in its overall share. Only rows that are needed are formatted.

    Raises:
        DataError: no row gives a point, or none of a class that is to be balanced.
    """
    n_classes = len(classes)
    quota = -(-n // n_classes) if balance else n
    positions: list[int] = []
    texts: list[Any] = []
    codes: list[int] = []
    counts = [0] * n_classes
    dropped = 0
    for position, example in _formatted(rows, formatter):
        if example is None or (isinstance(example[0], str) and not example[0].strip()):
            dropped += 1
            continue
        text, code = example
        if balance and counts[code] == quota:
            continue
        positions.append(position)
        texts.append(text)
        codes.append(code)
        counts[code] += 1
        if (min(counts) == quota) if balance else (len(codes) == quota):
            break
    where = "splits " + ", ".join(split for split, _ in rows.splits)
    require(bool(codes), f"No row of the {where} has both a text and a label. Name other splits.", DataError)
    if balance and min(counts) == 0:
        absent = classes[counts.index(0)]
        raise DataError(f"No row of the {where} has the label '{absent}', so classes cannot be balanced (balance=false).")
    chosen = np.array(codes, dtype=np.int64)
    mixed = stratified(chosen, strata, balance=balance)[:n]
    split = Split(
        ids=rows.ids(np.array(positions, dtype=np.int64)),
        inputs=Inputs(texts=tuple(texts)) if isinstance(texts[0], str) else Inputs(images=tuple(texts)),
        labels=Sealed(chosen),
    )
    return split.take(mixed), dropped


def _formatted(rows: Rows, formatter: Formatter) -> Iterator[tuple[int, tuple[str | Picture, int] | None]]:
    for start in range(0, len(rows.order), CHUNK):
        chunk = rows.order[start : start + CHUNK]
        for position, row in zip(chunk.tolist(), rows.table.take(chunk).to_pylist(), strict=True):
            coin, pick = rows.draws[position].tolist()
            yield position, formatter(row, coin, pick)
