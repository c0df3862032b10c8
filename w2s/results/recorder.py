"""Collects what a study finds, and passes series on to the tracker while the study runs."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from w2s.protocols import Tracker
from w2s.results.schema import Fact
from w2s.types import StrArray

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

log = logging.getLogger(__name__)

NULLABLE: dict[str, Literal["boolean", "Int64"]] = {"b": "boolean", "i": "Int64"}
"""Kind of an array -> the column type that has room for empty cells."""


class Recorder:
    """Metrics, tables, skipped parts and seconds of one run. What was recorded survives a later failure."""

    def __init__(self, tracker: Tracker | None = None, *, quiet: bool = False) -> None:
        """`quiet` logs no stage and no skipped part: for one of many pools, of which the study itself speaks."""
        self.metrics: dict[str, float | None] = {}
        """Flat; None where a metric is undefined."""
        self.skipped: dict[str, str] = {}
        """Part of the study -> why it could not be computed."""
        self.seconds: dict[str, float] = {}
        """Stage -> wall-clock seconds."""
        self.tables: dict[str, pd.DataFrame] = {}
        self.in_words: set[str] = set()
        """Tables that hold the data's own words."""
        self.facts: dict[str, Fact] = {}
        """What data and models were: sizes, class shares, fingerprints, resolved commits."""
        self.notes: list[str] = []
        self.models: dict[str, object] = {}
        """Fitted models and detectors by name, for those who keep them."""
        self._tracker = tracker
        self._level = logging.DEBUG if quiet else logging.INFO

    def record(self, metrics: Mapping[str, float | None]) -> None:
        """Add metrics; NaN and infinities count as undefined."""
        for name, value in metrics.items():
            finite = value is not None and math.isfinite(value)
            self.metrics[name] = float(value) if finite and value is not None else None

    def skip(self, part: str, reason: str, metrics: Iterable[str] = ()) -> None:
        """Say that `part` could not be computed, and why; its `metrics` become undefined."""
        if self.skipped.get(part) != reason:
            log.log(self._level, "not measured: %s (%s)", part, reason)
        self.skipped[part] = reason
        self.record(dict.fromkeys(metrics))

    def note(self, text: str) -> None:
        """Something a reader of the numbers must know."""
        log.warning(text)
        self.notes.append(text)

    def fact(self, name: str, value: Fact) -> None:
        """A property of data or models that `results.json` carries."""
        self.facts[name] = value

    def fitted(self, name: str, value: object) -> None:
        """A fitted model or detector, which a run can leave in its folder; given again, the last one counts."""
        self.models[name] = value

    def table(self, name: str, frame: pd.DataFrame, *, words: bool = False) -> None:
        """A table that becomes `<name>.parquet`; recorded again, its rows are added. `words`: it holds the data's own."""
        import pandas as pd

        self.in_words |= {name} if words else set()

        known = self.tables.get(name)
        self.tables[name] = frame if known is None else pd.concat([known, frame], ignore_index=True)

    def add_columns(self, name: str, split: str, ids: StrArray, columns: Mapping[str, ArrayLike]) -> None:
        """Set columns of the table `name` in the rows of these `split` and `ids` (n,); a new column is empty elsewhere.

        Whole numbers and truth values stay what they are beside empty cells (`Int64`, `boolean`).
        """
        import pandas as pd

        frame = self.tables[name]
        rows = frame.index[frame["split"] == split]
        known, asked = frame.loc[rows, "id"].array, pd.Series(ids, dtype=frame["id"].dtype).array
        if not known.equals(asked):  # they seldom come in another order, and a search in many is slow
            place = pd.Index(known).get_indexer(pd.Index(asked))
            assert (place >= 0).all(), f"ids that the split '{split}' of the table '{name}' does not hold"
            rows = rows[place]
        added = {}  # all at once: a frame that grows by hundreds of columns one by one is slow, and pandas says so each time
        for column, values in columns.items():
            series = pd.Series(values, index=rows)
            if series.dtype.kind in NULLABLE:
                series = series.astype(NULLABLE[series.dtype.kind])
            series = series.reindex(frame.index)
            if column in frame:
                frame[column] = series.combine_first(frame[column])
            else:
                added[column] = series
        self.tables[name] = pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1) if added else frame

    def step(self, metrics: Mapping[str, float], step: int) -> None:
        """One step of a series, sent to the tracker at once."""
        if self._tracker is not None:
            self._tracker.log(metrics, step)

    @contextmanager
    def stage(self, name: str, *, place: str = "") -> Iterator[None]:
        """Time a stage; stages of the same name add up. Its line in the log begins with its `place`: "setting 3 of 15"."""
        start = time.perf_counter()
        log.debug("%s ...", name)
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + took
            log.log(self._level, "%s took %.2f s", f"{place}: {name}" if place else name, took)
