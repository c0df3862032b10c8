"""Rows into labelled texts: what is drawn, dropped, balanced and held out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from w2s.dataset.hub.rows import CHUNK, Rows, draw_points, hold_out, label_codes
from w2s.errors import DataError
from w2s.seeding import generator


def rows(sizes: tuple[tuple[str, int], ...], order: list[int] | None = None) -> Rows:
    n = sum(size for _, size in sizes)
    table = pa.concat_tables([pa.table({"i": list(range(start, min(start + 100, n)))}) for start in range(0, n, 100)])
    return Rows(table, np.zeros((n, 2)), sizes, np.arange(n) if order is None else np.array(order))


class Counting:
    """Text `t<i>`, label i mod 2; rows divisible by `lacking` give nothing."""

    def __init__(self, lacking: int | None = None) -> None:
        self.lacking, self.calls = lacking, 0

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[str, int] | None:
        self.calls += 1
        if self.lacking is not None and row["i"] % self.lacking == 0:
            return None
        return f"t{row['i']}", row["i"] % 2


def draw(points: Rows, formatter: Counting, n: int, *, balance: bool = True) -> tuple[list[str], int]:
    split, dropped = draw_points(points, formatter, n=n, classes=("a", "b"), balance=balance, strata=generator(0, "test"))
    assert split.inputs.texts is not None
    return sorted(split.inputs.texts, key=lambda text: int(text[1:])), dropped


def test_ids_are_split_and_place_in_it() -> None:
    assert rows((("train", 3), ("test", 2))).ids(np.array([4, 0, 2, 3])).tolist() == [
        "test-1",
        "train-0",
        "train-2",
        "test-0",
    ]


def test_the_first_rows_of_each_class_are_taken_in_the_drawn_order() -> None:
    order = [0, 2, 4, 6, 1, 8, 3, 5, 7, 9]
    texts, dropped = draw(rows((("train", 10),), order), Counting(), 4)
    assert texts == ["t0", "t1", "t2", "t3"]
    assert dropped == 0


def test_only_rows_that_are_needed_are_formatted() -> None:
    formatter = Counting()
    draw(rows((("train", 3 * CHUNK),)), formatter, 10)
    assert formatter.calls == 10


def test_rows_that_give_nothing_are_counted() -> None:
    texts, dropped = draw(rows((("train", 12),)), Counting(lacking=3), 6)
    assert texts == ["t1", "t2", "t4", "t5", "t7", "t8"]
    assert dropped == 3  # rows 0, 3 and 6


def test_rows_far_apart_in_the_file_come_with_their_own_values() -> None:
    order = np.random.default_rng(0).permutation(1000).tolist()
    split, _ = draw_points(
        rows((("train", 1000),), order), Counting(), n=500, classes=("a", "b"), balance=False, strata=generator(0, "test")
    )
    assert split.inputs.texts is not None
    assert [f"t{name.removeprefix('train-')}" for name in split.ids] == list(split.inputs.texts)
    assert split.labels.open("test").tolist() == [int(text[1:]) % 2 for text in split.inputs.texts]


def test_held_out_rows_do_not_depend_on_the_order_drawn() -> None:
    whole = rows((("train", 50),))
    other = rows((("train", 50),), list(reversed(range(50))))
    kept, held = hold_out(whole, 20)
    kept_too, held_too = hold_out(other, 20)
    assert set(held.order.tolist()) == set(held_too.order.tolist())
    assert set(kept.order.tolist()) | set(held.order.tolist()) == set(range(50))
    assert len(kept_too.order) == 30
    assert held.order.tolist() == sorted(held.order.tolist())
    with pytest.raises(DataError, match="held_out=50"):
        hold_out(whole, 50)


def test_labels_of_several_tables_share_their_codes() -> None:
    columns = [pa.chunked_array([[2, 0, None]]), pa.chunked_array([[-1, 1]])]
    assert label_codes(columns, "label") == ({0: 0, 1: 1, 2: 2}, ("0", "1", "2"))
    assert label_codes(columns, "label", [0, 2]) == ({0: 1, 1: 0, 2: 1}, ("other", "positive"))
