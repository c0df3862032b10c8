"""The published files of DREAM."""

from __future__ import annotations

import pytest

from w2s.dataset.hub.dream import questions
from w2s.errors import DataError


def test_a_dialogue_with_two_questions_gives_two_rows() -> None:
    asked = [{"question": f"q{i}", "choice": ["a", "b", "c"], "answer": "b"} for i in range(2)]
    rows = questions([[["M: hi", "W: ho"], asked, "5-1"]])
    assert [row["question"] for row in rows] == ["q0", "q1"]
    assert all(row["dialogue"] == ["M: hi", "W: ho"] and row["dialogue_id"] == "5-1" for row in rows)


def test_a_file_that_is_built_otherwise_is_refused() -> None:
    with pytest.raises(DataError, match="not built as DREAM's"):
        questions([["only turns"]])
