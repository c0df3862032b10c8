"""What a reader must know of the data is said, and nothing where there is nothing to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.pool.pools import fixed, split_of
from w2s.pool.notes import data_notes
from w2s.types import Inputs, Split, Splits


def said(splits: Splits) -> list[str]:
    """All notes but those on tiny classes: the points written out by hand are few."""
    return [note for note in data_notes(splits) if "holds fewer than" not in note]


def texts(name: str, *values: str) -> Split:
    split = split_of(np.zeros((len(values), 1)), [0, 1] * (len(values) // 2), name)
    return replace(split, inputs=Inputs(texts=values))


def test_texts_that_stand_in_two_roles_are_counted_by_pair() -> None:
    splits = Splits(
        texts("a", "one", "two"),
        texts("b", "two", "three"),
        texts("v", "four", "five"),
        texts("t", "two", "two"),
        ("0", "1"),
    )
    assert said(splits) == [
        "Roles share texts: 1 of pool stand in weak_train, too; 2 of test stand in weak_train, too; "
        "2 of test stand in pool, too."
    ]


def rows(name: str, labels: list[int], *values: float) -> Split:
    return split_of(np.array(values)[:, None], labels, name)


def four(*roles: Split) -> Splits:
    return Splits(*roles, classes=("no", "yes"))


def test_feature_rows_that_stand_in_two_roles_or_twice_in_one_are_counted() -> None:
    splits = four(
        rows("a", [0, 1, 0], 1, 2, 2),
        rows("b", [0, 1], 2, 3),
        rows("v", [0, 1], 4, 5),
        rows("t", [0, 1], 6, 7),
    )
    assert said(splits) == [
        "Roles share feature rows: 1 of pool stand in weak_train, too.",
        "2 of 9 points repeat another point's features.",
    ]


def test_distinct_points_of_both_classes_need_no_caution() -> None:
    assert list(data_notes(fixed())) == []


def test_votes_alone_are_not_compared() -> None:
    def votes(name: str) -> Split:
        return replace(rows(name, [0, 1], 1, 1), inputs=Inputs(votes=np.zeros((2, 3), dtype=int)))

    assert said(four(*(votes(name) for name in "abvt"))) == []


def lopsided(ones: int, n: int) -> list[str]:
    labels = [1] * ones + [0] * (n - ones)
    draw = np.random.default_rng(0)
    parts = [split_of(draw.normal(size=(n, 2)), labels, name) for name in "abvt"]
    return said(four(*parts))


def test_nearly_one_class_alone_is_said() -> None:
    (note,) = lopsided(1, 100)
    assert note.startswith("99.0 % of weak_train has the label 'no'")
    (note,) = lopsided(19, 20)
    assert "95.0 % of weak_train has the label 'yes'" in note
    assert lopsided(18, 20) == []


def tiny(*counts: int) -> list[str]:
    labels = [k for k, count in enumerate(counts) for _ in range(count)]
    draw = np.random.default_rng(0)
    weak, *others = (
        split_of(draw.normal(size=(len(codes), 2)), codes, name)
        for name, codes in (("a", labels), *((role, [0, 1, 2] * 9) for role in "bvt"))
    )
    return list(data_notes(Splits(weak, *others, classes=("low", "middle", "high"))))


def test_classes_of_fewer_than_five_training_points_are_named_with_their_counts() -> None:
    (note,) = tiny(20, 4, 0)
    assert note.startswith("weak_train holds fewer than 5 points of 'middle' (4), 'high' (0): ")
    assert tiny(20, 5, 5) == []


def test_of_many_tiny_classes_eight_are_named() -> None:
    names, labels = tuple(f"c{k}" for k in range(11)), list(range(10)) * 2
    splits = Splits(*(split_of(np.arange(20.0)[:, None] + 100 * i, labels, name) for i, name in enumerate("abvt")), names)
    (note,) = data_notes(splits)
    assert "'c7' (2) and 2 more classes: " in note
    assert "'c10'" not in note  # no training point at all: said when the roles are dealt
