"""Hub data sets read from local copies: roles, coins, balancing, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.hub import Hub
from w2s.dataset.hub.candidates import AnswerColumns
from w2s.errors import ConfigError, DataError, W2SError
from w2s.types import Split, Splits

SMALL: dict[str, Any] = {"weak_train": 40, "pool": 40, "validation": 20, "test": 30}
RULE = AnswerColumns(right="good", wrong=["bad1", "bad2"])


def sentences(n: int, share: float = 0.5, name: str = "s") -> list[dict[str, Any]]:
    return [{"sentence": f"{name}{i}", "label": int(i < share * n)} for i in range(n)]


def questions(n: int, name: str = "q") -> list[dict[str, Any]]:
    return [{"q": f"{name}{i}", "good": f"right{i}", "bad1": f"wrong{i}", "bad2": f"worse{i}"} for i in range(n)]


def copy(folder: Path, **splits: list[dict[str, Any]]) -> str:
    folder.mkdir(exist_ok=True)
    for split, rows in splits.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{split}.parquet")
    return str(folder)


def shown(splits: Splits) -> dict[str, tuple[str, int]]:
    """Question -> (answer shown, label) over all roles."""
    found = {}
    for part in (splits.weak_train, splits.pool, splits.validation, splits.test):
        assert part.inputs.texts is not None
        for text, label in zip(part.inputs.texts, part.labels.open("test").tolist(), strict=True):
            question, answer = text.split(" -> ")
            found[question] = (answer, label)
    return found


def counts(part: Split) -> list[int]:
    return np.bincount(part.labels.open("test"), minlength=2).tolist()


def test_roles_come_from_their_splits_and_are_balanced(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(300, 0.3), validation=sentences(90, 0.8, "v"))
    splits = Hub(path=path, text="sentence", label="label", test_splits=["validation"], **SMALL).load(0)
    assert [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)] == [40, 40, 20, 30]
    for part in (splits.weak_train, splits.pool, splits.validation, splits.test):
        assert abs(counts(part)[0] - counts(part)[1]) <= 2
    assert all(str(name).startswith("validation-") for name in splits.test.ids)
    assert all(str(name).startswith("train-") for name in splits.pool.ids)


def test_balancing_keeps_the_rarest_class_whole(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(200, 0.1), test=sentences(200, 0.5, "t"))
    splits = Hub(path=path, text="sentence", label="label", **SMALL).load(0)
    training = [splits.weak_train, splits.pool, splits.validation]
    assert sum(counts(part)[1] for part in training) == 20
    assert sum(len(part) for part in training) == 40
    assert "100 points were asked for and 40 are there" in splits.notes[0]


def test_without_balancing_the_shares_stay(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(1000, 0.1), test=sentences(200, 0.5, "t"))
    splits = Hub(path=path, text="sentence", label="label", balance=False, **SMALL | {"pool": 500}).load(0)
    assert 30 <= counts(splits.pool)[1] <= 70


def test_a_candidate_answer_is_right_where_the_label_says_so_and_both_occur(tmp_path: Path) -> None:
    path = copy(tmp_path, train=questions(300), test=questions(100, "t"))
    splits = Hub(path=path, text="{q} -> {answer}", candidates=RULE, **SMALL).load(0)
    seen = shown(splits)
    for question, (answer, label) in seen.items():
        number = question.lstrip("qt")
        assert answer == f"right{number}" if label else answer in (f"wrong{number}", f"worse{number}")
    assert splits.classes == ("wrong", "right")
    kinds = [answer.rstrip("0123456789") for answer, _ in seen.values()]
    assert {kind: 20 <= kinds.count(kind) for kind in ("wrong", "worse")} == {"wrong": True, "worse": True}


def test_sizes_and_limits_never_flip_a_coin(tmp_path: Path) -> None:
    path = copy(tmp_path, train=questions(300), test=questions(100, "t"))
    whole = shown(Hub(path=path, text="{q} -> {answer}", candidates=RULE, **SMALL).load(0))
    for settings in (SMALL | {"limit": 10}, SMALL | {"pool": 120}, SMALL | {"test": 5}):
        part = shown(Hub(path=path, text="{q} -> {answer}", candidates=RULE, **settings).load(0))
        both = whole.keys() & part.keys()
        assert len(both) >= 20
        assert all(whole[question] == part[question] for question in both)
    other = shown(Hub(path=path, text="{q} -> {answer}", candidates=RULE, **SMALL).load(1))
    both = whole.keys() & other.keys()
    assert any(whole[question] != other[question] for question in both)


def test_held_out_rows_are_the_same_for_every_data_seed(tmp_path: Path) -> None:
    path = copy(tmp_path, train=questions(200), validation=questions(50, "v"))
    dataset = Hub(
        path=path,
        text="{q} -> {answer}",
        candidates=RULE,
        train_splits=["train", "validation"],
        test_splits=[],
        held_out=100,
        **SMALL | {"test": 100},
    )
    train: set[str] = set()
    test: set[str] = set()
    for seed in range(6):
        splits = dataset.load(seed)
        test |= {str(name) for name in splits.test.ids}
        train |= {str(name) for part in (splits.weak_train, splits.pool, splits.validation) for name in part.ids}
    assert not train & test
    assert len(test) <= 100


def test_one_split_may_be_named_without_brackets(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(200), validation=sentences(90))
    one = Hub(path=path, text="sentence", label="label", train_splits="train", test_splits="validation", **SMALL).load(0)
    two = Hub(path=path, text="sentence", label="label", train_splits=["train"], test_splits=["validation"], **SMALL).load(0)
    assert one.test.ids.tolist() == two.test.ids.tolist()


def test_without_test_splits_the_test_role_is_dealt_from_the_train_splits(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(300))
    splits = Hub(path=path, text="sentence", label="label", test_splits=[], **SMALL).load(0)
    assert len(splits.test) == 30
    assert not set(splits.test.ids.tolist()) & set(splits.pool.ids.tolist())


def test_empty_texts_and_missing_labels_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = sentences(100) + [{"sentence": " ", "label": 0}] * 5 + [{"sentence": "x", "label": -1}] * 4
    path = copy(tmp_path, train=rows, test=sentences(60, name="t"))
    sizes = SMALL | {"weak_train": 60, "pool": 60}
    splits = Hub(path=path, text="sentence", label="label", **sizes).load(0)
    assert "9 rows without a text or a label were left out." in splits.notes


def test_positive_values_make_a_binary_task_of_many_classes(tmp_path: Path) -> None:
    rows = [{"sentence": f"s{i}", "label": i % 3} for i in range(300)]
    path = copy(tmp_path, train=rows, test=rows)
    splits = Hub(path=path, text="sentence", label="label", positive=[0], classes=["no", "yes"], **SMALL).load(0)
    for text, label in zip(splits.pool.inputs.texts or (), splits.pool.labels.open("test").tolist(), strict=True):
        assert label == (int(text[1:]) % 3 == 0)


def test_many_classes_are_balanced_too(tmp_path: Path) -> None:
    rows = [{"sentence": f"s{i}", "label": "abc"[min(i % 7, 2)]} for i in range(700)]
    splits = Hub(path=copy(tmp_path, train=rows, test=rows), text="sentence", label="label", **SMALL | {"pool": 90}).load(0)
    assert splits.classes == ("a", "b", "c")
    assert np.bincount(splits.pool.labels.open("test")).tolist() == pytest.approx([30, 30, 30], abs=1)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "no id that the hub can load"),
        ({"published": "example.org/files"}, "published at example.org/files"),
        ({"id": "sst2"}, "namespace/name"),
        ({"path": "nowhere"}, "no such folder"),
        ({"id": "a/b", "label": None}, "exactly one"),
        ({"id": "a/b", "candidates": RULE}, "exactly one"),
        ({"id": "a/b", "label": None, "candidates": RULE}, "shows {answer}"),
        ({"id": "a/b", "held_out": 10}, "test_splits"),
        ({"id": "a/b", "train_splits": []}, r"train_splits=\[\]: it should hold at least 1"),
        ({"id": "a/b", "limit": 2}, "limit=2: it should be greater than or equal to 4"),
        ({"id": "a/b", "text": "{q"}, "braces"),
        ({"id": "a/b", "text": "{sentence} {label}"}, "shows the label column"),
        ({"id": "a/b", "train_splits": ["train", "test"]}, "share test"),
        ({"id": "a b/c"}, "namespace/name"),
        ({"path": ""}, "no such folder"),
    ],
)
def test_a_wrong_setting_is_answered_at_once(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        Hub(**{"text": "sentence", "label": "label"} | settings)


def test_a_missing_column_or_split_is_named_with_what_is_there(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(50), validation=sentences(50))
    for action in ("check", "load"):
        wrong_text = Hub(path=path, text="sentense", label="label", test_splits=["validation"])
        with pytest.raises(DataError, match="Did you mean 'sentence'"):
            wrong_text.check() if action == "check" else wrong_text.load(0)
        no_test = Hub(path=path, text="sentence", label="label")
        with pytest.raises(DataError, match=r"no file of the split 'test'(?s:.*)train.parquet, validation.parquet"):
            no_test.check() if action == "check" else no_test.load(0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"sentence": "a", "label": 1}] * 60, "Every row has the label '1'"),
        ([{"sentence": "a", "label": -1}] * 60, "No row has a label"),
        ([{"sentence": "a", "label": i / 7} for i in range(3000)], "too many for classes"),
        ([{"sentence": "a", "label": [i % 2]} for i in range(60)], "labels are numbers, words or truth values"),
        ([{"sentence": " ", "label": i % 2} for i in range(60)], "No row of the splits train has both a text and a label"),
    ],
)
def test_useless_labels_or_texts_are_one_clear_line(tmp_path: Path, rows: list[dict[str, Any]], expected: str) -> None:
    path = copy(tmp_path, train=rows, test=rows)
    with pytest.raises(W2SError, match=expected) as caught:
        Hub(path=path, text="sentence", label="label", **SMALL).load(0)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_class_that_test_lacks_cannot_be_balanced(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(200), test=sentences(60, 1.0))
    with pytest.raises(DataError, match=r"the splits test has the label '0'.*balance=false"):
        Hub(path=path, text="sentence", label="label", **SMALL).load(0)
    assert len(Hub(path=path, text="sentence", label="label", balance=False, **SMALL).load(0).test) == 30


def test_splits_that_differ_in_kind_are_refused(tmp_path: Path) -> None:
    path = copy(tmp_path, train=sentences(50), validation=[{"sentence": f"s{i}", "label": "ab"[i % 2]} for i in range(50)])
    with pytest.raises(DataError, match="The splits train, validation differ"):
        Hub(path=path, text="sentence", label="label", train_splits=["train", "validation"], test_splits=[], **SMALL).load(0)
