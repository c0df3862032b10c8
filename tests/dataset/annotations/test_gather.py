"""Labelling functions of a file and predictions of somebody else: what becomes of them, and every flaw by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.dataset.test_table import rows, write
from w2s.dataset.annotations.labelling_functions import LabellingFunctions
from w2s.dataset.annotations.predictions import predictions
from w2s.dataset.hub import Hub
from w2s.dataset.table import Table
from w2s.errors import ConfigError, DataError

RULES = """
from collections import Counter

def even(text):
    return "a" if int(text.split()[-1]) % 2 == 0 else None

def from_south(row):
    assert "label" not in row
    return "b" if row["vendor"] == "south" else None

def _helper(one, two):
    return one
"""


def rules(tmp_path: Path, text: str = RULES) -> str:
    path = tmp_path / "my_rules.py"
    path.write_text(text)
    return str(path)


def table(tmp_path: Path, content: list[dict[str, Any]] | None = None, **arguments: Any) -> Table:
    file = write(tmp_path / "points.jsonl", content or rows())
    return Table(path=str(file), text="words", id="name", **arguments)


def test_the_functions_of_a_file_vote_beside_the_columns(tmp_path: Path) -> None:
    content = [{**row, "lf": "a" if i % 5 == 0 else None} for i, row in enumerate(rows())]
    asked = table(tmp_path, content, votes="lf", functions=rules(tmp_path))
    assert "votes" in asked.provides
    pool = asked.load(0).pool
    assert pool.inputs.votes is not None
    for name, votes in zip(pool.ids, pool.inputs.votes, strict=True):
        i = int(name[1:])
        assert votes.tolist() == [0 if i % 5 == 0 else -1, 0 if i % 2 == 0 else -1, 1 if i % 3 == 0 else -1]
    (note,) = (note for note in asked.load(0).notes if "labelling functions" in note)
    assert "2 labelling functions vote on 66.5 % of the points: even on 50.0 %, from_south on 33.5 %." in note


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "def even(text):\n    return 'c'\n",
            "even says 'c' of row 1.\nA class is one of a, b; None abstains",
        ),
        ("def even(text):\n    return 1 / 0\n", "my_rules.py: even fails on row 1: ZeroDivisionError: division by zero."),
        ("def even(text):\n    return text.nope\n", "even fails on row 1: AttributeError: 'str' object has no"),
        ("def even(text):\n    raise SystemExit(3)\n", "even fails on row 1: SystemExit: 3."),
    ],
)
def test_a_function_that_fails_or_names_no_class_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError, match=told) as refused:
        table(tmp_path, functions=rules(tmp_path, text)).check()
    assert len(str(refused.value).splitlines()) <= 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "holds no function"),
        ("def both(a, b):\n    return None\n", "both takes 2 arguments"),
        ("raise SystemExit(3)", "ends the program"),
        ("def broken(:\n", "cannot be run: invalid syntax"),
        ("import nowhere_to_be_found\n", "cannot be run: No module named"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as refused:
        LabellingFunctions.of(rules(tmp_path, text))
    assert len(str(refused.value).splitlines()) <= 3


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no such Python file"):
        LabellingFunctions.of("nowhere.py")


def test_texts_are_asked_for_where_there_are_none(tmp_path: Path) -> None:
    asked = Table(path=str(write(tmp_path / "points.csv", rows())), functions=rules(tmp_path))
    with pytest.raises(DataError, match="even reads texts, and none are named"):
        asked.load(0)


def given(pattern: str, classes: tuple[str, ...] = ("a", "b"), **columns: list[Any]) -> Any:
    return predictions(pa.table(columns), pattern, classes)


def test_predictions_are_classes_probabilities_lists_or_nothing() -> None:
    assert given("says", says=["b", None, "a", ""]).tolist() == [[0, 1], [0, 0], [1, 0], [0, 0]]
    assert given("says", ("0", "1"), says=[1.0, 0.0]).tolist() == [[0, 1], [1, 0]]
    assert given("p", p=[0.25, 1.0, None]).tolist() == [[0.75, 0.25], [0, 1], [0, 0]]
    assert given("p_*", p_b=[0.3, None], p_a=[0.7, None]).tolist() == [[0.7, 0.3], [0, 0]]
    assert given("p", ("a", "b", "c"), p=[[0.2, 0.3, 0.5]]).tolist() == [[0.2, 0.3, 0.5]]


@pytest.mark.parametrize(
    ("columns", "pattern", "told"),
    [
        ({"says": ["a", "maybe"]}, "says", "column 'says' says 'maybe' in row 2"),
        ({"p_a": [70.0], "p_b": [30.0]}, "p_*", "Probabilities are 2 numbers from 0 to 1 that sum to 1"),
        ({"p_a": [0.5], "p_b": [None]}, "p_*", r"in row 1 \(1 such rows\)"),
        ({"p_a": [0.5]}, "p_*", "no column 'p_b'"),
        ({"sys": ["a"]}, "says", "no column 'says'"),
    ],
)
def test_what_is_no_prediction_is_refused(columns: dict[str, list[Any]], pattern: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        given(pattern, **columns)


def test_predictions_are_read_beside_texts_and_are_no_features(tmp_path: Path) -> None:
    content = [{**row, "gpt_a": 0.9, "gpt_b": 0.1} for row in rows()]
    splits = table(tmp_path, content, predictions="gpt_*").load(0)
    assert splits.test.inputs.predictions is not None
    assert np.all(splits.test.inputs.predictions == [0.9, 0.1])
    numbers = Table(path=str(tmp_path / "points.jsonl"), predictions="gpt_*").load(0)
    assert numbers.pool.inputs.features is not None
    assert numbers.pool.inputs.features.shape[1] == 2


def mirror(tmp_path: Path, content: list[dict[str, Any]]) -> Path:
    (tmp_path / "mirror").mkdir()
    write(tmp_path / "mirror" / "train.parquet", content)
    return tmp_path / "mirror"


def test_a_hub_copy_whose_labels_mostly_lack_gives_a_pool_without_truth(tmp_path: Path) -> None:
    content = [{**row, "label": row["label"] if i < 120 else None, "says": "a"} for i, row in enumerate(rows(500))]
    functions = rules(tmp_path, RULES.replace('"vendor"', '"words"'))
    own: dict[str, Any] = {"label": "label", "text": "words", "test_splits": [], "predictions": "says"}
    splits = Hub(path=str(mirror(tmp_path, content)), functions=functions, **own).load(0)
    assert splits.pool.labels is None
    assert {int(name.split("-")[1]) for name in splits.pool.ids} == set(range(120, 500))
    for split in (splits.weak_train, splits.test, splits.pool):
        assert split.inputs.predictions is not None
        assert split.inputs.votes is not None
        even = np.array([int(name.split("-")[1]) % 2 == 0 for name in split.ids])
        assert np.array_equal(split.inputs.votes[:, 0], np.where(even, 0, -1))
    assert splits.fixed_halves


def test_gaps_in_the_labels_of_a_hub_copy_are_left_out_as_before(tmp_path: Path) -> None:
    content = [{**row, "label": row["label"] if i % 4 else None} for i, row in enumerate(rows(400))]
    splits = Hub(path=str(mirror(tmp_path, content)), text="words", label="label", test_splits=[]).load(0)
    assert splits.pool.labels is not None
    assert "100 rows without a text or a label were left out." in splits.notes
