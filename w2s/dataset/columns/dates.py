"""Columns of dates, as the period that each date is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.dataset.columns.names import LONGEST_NAME
from w2s.errors import DataError, require
from w2s.types import StrArray, as_names
from w2s.utils.text import printable

if TYPE_CHECKING:
    import pyarrow as pa

Period = Literal["year", "month", "day"]
FORMATS: dict[Period, tuple[str, int]] = {"year": ("%Y", 4), "month": ("%Y-%m", 7), "day": ("%Y-%m-%d", 10)}
"""How a timestamp is written, and the characters of an ISO text."""
ISO = r"^(\d{4}-\d{2}(-\d{2}|$)|\s*$)"


def periods_of(column: pa.ChunkedArray, name: str, period: Period = "month") -> pa.Array:
    """Year, month or day of each date, as in 2026, 2026-11 or 2026-11-30; empty where there is none.

    Raises:
        DataError: a text is no ISO date.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    written, characters = FORMATS[period]
    if pa.types.is_temporal(column.type):
        return pc.fill_null(pc.strftime(column, format=written), "")
    texts = pc.fill_null(pc.cast(column, pa.string()), "")
    fits = pc.match_substring_regex(texts, ISO)
    odd = None if pc.all(fits).as_py() else texts.filter(pc.invert(fits))[0].as_py()
    shown = printable(odd or "", LONGEST_NAME)
    require(odd is None, f"column '{name}' holds '{shown}': a date is written 2026-11-30, or is a timestamp.", DataError)
    return pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(texts, 0, characters))


def dated(column: pa.ChunkedArray, name: str, period: Period) -> StrArray:
    """(n,) as `periods_of`, of a column without gaps.

    Raises:
        DataError: a row has no date.
    """
    found = as_names(periods_of(column, name, period).to_pylist())
    empty = np.flatnonzero(found == "")
    row = empty[0] + 1 if len(empty) else ""
    require(len(empty) == 0, f"column '{name}' has no date in row {row} ({len(empty):,} such rows).", DataError)
    return found
