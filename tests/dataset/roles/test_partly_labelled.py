"""Rows without a label become the pool, of whose truth nothing is left anywhere; files with all labels stay as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.dataset.test_table import rows, write
from w2s.dataset.roles.partly_labelled import NO_LABEL, known_codes, roles_of
from w2s.dataset.table import Table
from w2s.errors import DataError
from w2s.types import as_names


def partly(n: int = 400, labelled: int = 100, **changed: Any) -> list[dict[str, Any]]:
    """Rows of which the first `labelled` have a label; an empty cell is none."""
    return [{**row, "label": row["label"] if i < labelled else "", **changed} for i, row in enumerate(rows(n))]


def table(tmp_path: Path, content: list[dict[str, Any]], **arguments: Any) -> Table:
    return Table(path=str(write(tmp_path / "points.csv", content)), text="words", id="name", **arguments)


def test_labelled_rows_are_dealt_in_the_other_roles_and_the_rest_is_the_pool(tmp_path: Path) -> None:
    splits = table(tmp_path, partly()).load(0)
    assert {*splits.pool.ids} == {f"p{i}" for i in range(100, 400)}
    known = [splits.weak_train, splits.validation, splits.test]
    assert {*np.concatenate([split.ids for split in known])} == {f"p{i}" for i in range(100)}
    assert [len(split) for split in known] == [54, 7, 39]  # .35, .05 and .25 of .65
    for split in known:
        shares = np.bincount(split.truth("test")) / len(split)
        assert abs(shares[0] - 0.5) < 0.1
    assert splits.fixed_halves
    assert "100 of 400 rows are labelled" in splits.notes[-1]


def test_the_pool_keeps_no_trace_of_a_label(tmp_path: Path) -> None:
    splits = table(tmp_path, partly()).load(0)
    assert splits.pool.labels is None
    assert splits.pool.take(np.arange(5)).labels is None
    with pytest.raises(DataError, match="no true labels"):
        splits.pool.truth("the ceiling")
    content = [{**row, "role": "train" if i % 3 else "pool"} for i, row in enumerate(partly(labelled=300))]
    named = table(tmp_path, content, split="role").load(0)
    assert len(named.pool) == 100 + 100  # every third labelled row, and all others
    assert named.pool.labels is None


def test_shares_and_counts_are_of_the_labelled_rows(tmp_path: Path) -> None:
    splits = table(tmp_path, partly(), weak_train=0.5, test=30, pool=120).load(0)
    assert [len(splits.weak_train), len(splits.test), len(splits.pool)] == [50, 30, 120]
    other = table(tmp_path, partly(), weak_train=0.5, test=30, pool=120).load(1)
    assert splits.test.ids.tolist() != other.test.ids.tolist()


def test_a_file_with_every_label_is_dealt_as_before(tmp_path: Path) -> None:
    column = pa.chunked_array([[row["label"] for row in rows(200)]])
    codes, names, _ = known_codes(column, "label")
    assert names == ("a", "b")
    assert not (codes == NO_LABEL).any()
    splits = table(tmp_path, rows(200)).load(0)
    assert [len(part) for part in (splits.validation, splits.weak_train, splits.pool, splits.test)] == [10, 70, 70, 50]
    assert splits.pool.labels is not None
    assert not splits.fixed_halves


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (partly(labelled=5), "has a label in 5 of 400 rows: at least 60 are needed, of two classes"),
        (partly(labelled=380), r"has no value in row 381 \(20 such rows\)"),
        ([{**row, "label": row["label"] and "a"} for row in partly()], "Every row has the label 'a'"),
        (partly(label=""), "has a label in 0 of 400 rows"),
    ],
)
def test_too_few_labels_or_gaps_are_one_clear_message(tmp_path: Path, content: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(DataError, match=told) as refused:
        table(tmp_path, content).check()
    assert len(str(refused.value).splitlines()) <= 3


def test_a_row_of_test_needs_a_label() -> None:
    with pytest.raises(DataError, match="row 2 is test, but has no label"):
        roles_of(np.array([0, NO_LABEL]), as_names(["train", "test"]), "train")
