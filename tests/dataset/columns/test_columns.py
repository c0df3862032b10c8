"""Columns as features, labels, texts and votes."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest

from w2s.dataset.columns.classes import class_codes, label_copies, vote_codes
from w2s.dataset.columns.names import matching, require_columns
from w2s.dataset.columns.numbers import matrix
from w2s.dataset.columns.template import Template
from w2s.dataset.columns.values import require_unique
from w2s.errors import ConfigError, DataError
from w2s.types import as_names


def test_a_template_is_a_column_or_a_text_around_columns() -> None:
    row = {"a": "x", "b": None, "c": ["y", "z"], "d e": 3}
    assert Template("a").render(row) == "x"
    assert Template("d e").render(row) == "3"
    assert Template("{a}|{b}|{c}|{d e}").render(row) == "x||y\nz|3"
    assert Template("{a} and {{braces}}").render(row) == "x and {braces}"
    assert Template("{a} {a} {c}").fields == ("a", "c")


@pytest.mark.parametrize("pattern", ["{a", "a}", "{}", "{a.b}", "{a[0]}"])
def test_a_template_reaches_for_nothing_but_columns(pattern: str) -> None:
    with pytest.raises(ConfigError, match="text="):
        Template(pattern)


def test_a_row_cannot_bring_in_another_field() -> None:
    assert Template("{a}").render({"a": "{b}", "b": "secret"}) == "{b}"


def test_patterns_keep_their_order_and_name_each_column_once() -> None:
    assert matching(["b", "e_*", "e_1"], ["e_1", "a", "e_2", "b"]) == ("b", "e_1", "e_2")
    assert matching(["x*"], ["a"]) == ("x*",)


def test_a_missing_column_is_named_with_at_most_twelve_others() -> None:
    columns = [f"c{i}" for i in range(20)]
    with pytest.raises(DataError, match=r"has no column 'c99'.*Did you mean 'c\d+'.*\n.*c11 and 8 more\."):
        require_columns(["c99"], columns, "points.csv")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([3, 1, 10] * 2, ("1", "3", "10")),
        ([True, False], ("False", "True")),
        ([2.0, 1.0], ("1", "2")),
        (["b", "a"], ("a", "b")),
    ],
)
def test_classes_are_in_the_order_of_their_values(values: list[object], names: tuple[str, ...]) -> None:
    codes, found, _ = class_codes(pa.chunked_array([values]), "label")
    assert found == names
    assert [names[code] for code in codes] == [str(int(v)) if isinstance(v, float) else str(v) for v in values]


def test_features_of_every_numeric_kind_become_one_matrix() -> None:
    table = pa.table(
        {
            "whole": [1, 2],
            "truth": [True, False],
            "half": pa.array(np.array([0.5, 1.5], dtype=np.float16)),
            "vector": pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2)),
        }
    )
    assert matrix(table, ["vector", "whole", "truth", "half"]).tolist() == [[1, 2, 1, 1, 0.5], [3, 4, 2, 0, 1.5]]


def test_the_first_row_without_a_number_is_named() -> None:
    with pytest.raises(DataError, match=r"'b' holds no finite number in row 3 \(2 such rows\)"):
        matrix(pa.table({"a": [1.0] * 4, "b": [1.0, 2.0, float("inf"), None]}), ["a", "b"])


@pytest.mark.parametrize("value", [1e308, -1e308, 1.1e100])
def test_a_value_that_cannot_be_squared_is_named_with_its_row(value: float) -> None:
    with pytest.raises(DataError, match=rf"'b' holds {re.escape(f'{value:g}')} in row 3: .*1e\+100.*\nCorrect the value"):
        matrix(pa.table({"a": [1.0] * 4, "b": [1.0, 2.0, value, -3.0]}), ["a", "b"])


def test_a_huge_value_that_can_be_squared_is_a_feature() -> None:
    values = [1.0, -1e100, 1e99]
    assert matrix(pa.table({"a": values}), ["a"])[:, 0].tolist() == values


def test_a_vote_is_a_label_or_abstains() -> None:
    table = pa.table({"f": ["x", None, "", "y"]})
    assert vote_codes(table, ["f"], ("x", "y"))[:, 0].tolist() == [0, -1, -1, 1]
    assert vote_codes(pa.table({"f": [1, -1, 0]}), ["f"], (0, 1))[:, 0].tolist() == [1, -1, 0]


def test_an_id_that_occurs_twice_is_named_with_its_rows() -> None:
    with pytest.raises(DataError, match="the id 'b' twice, in rows 2 and 4"):
        require_unique(as_names(["a", "b", "c", "b"]), "key")


def test_only_a_column_that_determines_the_label_and_nothing_more_tells_it() -> None:
    codes = np.array([0, 1, 2, 0, 1, 2])
    columns = {
        "copy": [7, 5, 9, 7, 5, 9],
        "coarse": [0, 0, 1, 0, 0, 1],
        "fine": [0, 1, 2, 3, 4, 5],
        "off": [7, 5, 9, 7, 5, 5],
    }
    features = np.array(list(columns.values()), dtype=np.float64).T
    assert label_copies(features, list(columns), codes) == ["copy"]


@pytest.mark.parametrize("pattern", ["{t:>1000000000}", "{t:{n}}", "{t!r}", "{t:.99999999}"])
def test_what_could_make_a_text_without_end_cannot_follow_a_name(pattern: str) -> None:
    with pytest.raises(ConfigError, match="cannot follow a column's name"):
        Template(pattern)
    assert Template("{t:.3}").render({"t": "abcdef"}) == "abc"
