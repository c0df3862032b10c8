"""Dates as periods."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from w2s.dataset.columns.dates import dated, periods_of
from w2s.errors import DataError

DAYS = ["2026-01-31", "2026-11-02", "2027-01-01"]


@pytest.mark.parametrize("stamped", [False, True])
def test_texts_and_timestamps_are_of_the_same_periods(stamped: bool) -> None:
    column = pa.chunked_array([pa.array(pd.to_datetime(DAYS) if stamped else DAYS)])
    assert dated(column, "d", "year").tolist() == ["2026", "2026", "2027"]
    assert dated(column, "d", "month").tolist() == ["2026-01", "2026-11", "2027-01"]
    assert dated(column, "d", "day").tolist() == DAYS


def test_what_is_no_date_is_named() -> None:
    with pytest.raises(DataError, match=r"holds '31\.1\.2026': a date is written 2026-11-30"):
        periods_of(pa.chunked_array([["31.1.2026"]]), "d")
    assert periods_of(pa.chunked_array([["2026-05", None, " "]]), "d").to_pylist() == ["2026-05", "", ""]
    with pytest.raises(DataError, match=r"'d' has no date in row 2 \(1 such rows\)"):
        dated(pa.chunked_array([["2026-05-01", None]]), "d", "month")
