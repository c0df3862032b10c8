"""Bring your own data: every layout of a file, and every flaw answered by one clear message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.table import Table
from w2s.errors import ConfigError, DataError, W2SError
from w2s.types import IntArray, Split, Splits

ROLES = ("weak_train", "pool", "validation", "test")


def rows(n: int = 200, classes: int = 2) -> list[dict[str, Any]]:
    draw = np.random.default_rng(0)
    return [
        {
            "name": f"p{i}",
            "x1": float(draw.normal()),
            "x2": int(draw.integers(9)),
            "words": f"text number {i}",
            "label": "abcdef"[i % classes],
            "vendor": "north" if i % 3 else "south",
        }
        for i in range(n)
    ]


def write(path: Path, content: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(content), path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in content))
    elif path.suffix == ".json":
        path.write_text(json.dumps(content))
    else:
        delimiter = "\t" if path.suffix == ".tsv" else ","
        lines = [delimiter.join(content[0]), *(delimiter.join(str(value) for value in row.values()) for row in content)]
        path.write_text("\n".join(lines) + "\n")
    return path


def roles(splits: Splits) -> list[Split]:
    return [getattr(splits, role) for role in ROLES]


def labels(split: Split) -> IntArray:
    return split.labels.open("test")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet"])
def test_every_format_gives_the_same_points(tmp_path: Path, suffix: str) -> None:
    content = rows()
    path = write(tmp_path / f"points{suffix}", content)
    table = Table(path=str(path), id="name", source="vendor", text="words", features=["x1", "x2"])
    table.check()
    splits = table.load(0)
    by_name = {row["name"]: row for row in content}
    assert splits.classes == ("a", "b")
    assert [len(part) for part in roles(splits)] == [70, 70, 10, 50]  # .35, .35, .05, .25 of 200
    for part in roles(splits):
        assert part.inputs.features is not None
        assert part.inputs.texts is not None
        assert part.sources is not None
        for i, name in enumerate(part.ids):
            row = by_name[str(name)]
            assert part.inputs.features[i] == pytest.approx([row["x1"], row["x2"]], rel=1e-12)
            assert part.inputs.texts[i] == row["words"]
            assert part.sources[i] == row["vendor"]
            assert splits.classes[labels(part)[i]] == row["label"]
    assert len({name for part in roles(splits) for name in part.ids}) == 200


def test_a_seed_fixes_the_deal_and_another_one_changes_it(tmp_path: Path) -> None:
    path = write(tmp_path / "points.csv", rows())
    first, again, other = (Table(path=str(path), features=["x1"]).load(seed) for seed in (3, 3, 4))
    assert first.pool.ids.tolist() == again.pool.ids.tolist()
    assert first.pool.ids.tolist() != other.pool.ids.tolist()


def test_numeric_columns_are_the_features_where_nothing_is_named_and_a_note_says_what_was_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "points.parquet", rows())
    splits = Table(path=str(path), id="name", source="vendor").load(0)
    assert splits.pool.inputs.features is not None
    assert splits.pool.inputs.features.shape == (70, 2)
    assert splits.notes == ("Read as features: all 2 numeric columns. Left out: words.",)


@pytest.mark.parametrize("first", [0, 10**6])
def test_a_unique_column_called_id_is_the_id_and_no_feature(tmp_path: Path, first: int) -> None:
    path = write(tmp_path / "points.csv", [{"id": first + i, "x": float(-i), "label": i % 2} for i in range(80)])
    splits = Table(path=str(path)).load(0)
    assert splits.pool.inputs.features is not None
    assert splits.pool.inputs.features[:, 0].tolist() == [first - int(name) for name in splits.pool.ids]
    assert splits.pool.inputs.features.shape[1] == 1
    assert splits.notes == ()


@pytest.mark.parametrize("name", ["id", "idx", "Index", "ID"])
def test_a_column_that_numbers_rows_but_cannot_be_the_id_is_left_out_with_a_note(tmp_path: Path, name: str) -> None:
    content = [{name: i // 2, "x": float(-i), "label": i % 2} for i in range(80)]
    path = str(write(tmp_path / "points.parquet", content))
    splits = Table(path=path).load(0)
    assert splits.pool.inputs.features is not None
    # row-1 holds x = 0, row-2 holds x = -1
    assert splits.pool.inputs.features.tolist() == [[1 - float(row.split("-")[1])] for row in splits.pool.ids]
    assert splits.notes == (f"Read as features: all 1 numeric columns. Left out: {name}.",)
    asked_for = Table(path=path, features=["x", name]).load(0)
    assert asked_for.pool.inputs.features is not None
    assert asked_for.pool.inputs.features.shape[1] == 2


@pytest.mark.parametrize("gap", [None, " "])
def test_a_column_called_id_with_a_gap_is_not_the_id(tmp_path: Path, gap: str | None) -> None:
    content = [{"id": f"p{i}" if i else gap, "x": i, "label": i % 2} for i in range(80)]
    splits = Table(path=str(write(tmp_path / "points.parquet", content))).load(0)
    assert all(name.startswith("row-") for name in splits.pool.ids)


def test_a_column_called_id_may_have_another_duty(tmp_path: Path) -> None:
    content = [{"id": f"shop {i}", "x": i, "label": i % 2} for i in range(80)]
    splits = Table(path=str(write(tmp_path / "points.csv", content)), source="id").load(0)
    assert all(name.startswith("row-") for name in splits.pool.ids)


def test_a_column_of_lists_and_a_pattern_name_features(tmp_path: Path) -> None:
    content = [{"v": [float(i), 1.0, 2.0], "e_1": i, "e_2": -i, "label": i % 2} for i in range(80)]
    path = write(tmp_path / "points.parquet", content)
    splits = Table(path=str(path), features=["v", "e_*"]).load(0)
    alone = Table(path=str(path), features="e_*").load(0)
    assert alone.pool.inputs.features is not None
    assert alone.pool.inputs.features.shape == (28, 2)
    i = int(splits.pool.ids[0].split("-")[1]) - 1
    assert splits.pool.inputs.features is not None
    assert splits.pool.inputs.features[0].tolist() == [i, 1, 2, i, -i]


def test_a_pattern_for_all_columns_leaves_out_the_label_and_whatever_else_has_a_duty(tmp_path: Path) -> None:
    content = [{"a": i, "label": i % 2, "shop": 7, "key": i, "b": -i} for i in range(80)]
    path = write(tmp_path / "points.parquet", content)
    splits = Table(path=str(path), features=["*"], source="shop", id="key").load(0)
    i = int(splits.pool.ids[0])
    assert splits.pool.inputs.features is not None
    assert splits.pool.inputs.features[0].tolist() == [i, -i]


def test_a_feature_that_is_the_label_in_another_form_is_noted(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    content = [{"x": float(draw.normal()), "code": 3 - 2 * (i % 2), "half": i % 4, "label": "ab"[i % 2]} for i in range(80)]
    splits = Table(path=str(write(tmp_path / "t.jsonl", content))).load(0)
    assert splits.notes == ("These features tell the label exactly: code. Are they the label?",)


def test_every_role_holds_the_classes_in_the_files_shares(tmp_path: Path) -> None:
    content = [{"x": i, "label": "rare" if i % 10 == 0 else "often"} for i in range(400)]
    splits = Table(path=str(write(tmp_path / "t.jsonl", content))).load(0)
    for part in roles(splits):
        assert abs(int((labels(part) == 1).sum()) - len(part) / 10) <= 1


def test_balance_undersamples_to_the_rarest_class(tmp_path: Path) -> None:
    content = [{"x": i, "label": "rare" if i % 4 == 0 else "often"} for i in range(400)]
    splits = Table(path=str(write(tmp_path / "t.jsonl", content)), balance=True).load(0)
    assert sum(len(part) for part in roles(splits)) == 200  # 100 rare, 100 of the 300 others
    for part in roles(splits):
        assert abs(int(labels(part).sum()) - len(part) / 2) <= 1


def test_sizes_are_counts_or_shares_and_none_takes_its_part_of_the_rest(tmp_path: Path) -> None:
    path = str(write(tmp_path / "t.csv", rows(400)))
    splits = Table(path=path, features=["x1"], weak_train=100, test=0.25).load(0)
    # 100 + 100 are given away; the other 200 go to validation : pool = .05 : .35
    assert [len(part) for part in roles(splits)] == [100, 175, 25, 100]


def test_more_points_than_there_are_give_a_smaller_run_and_a_note(tmp_path: Path) -> None:
    path = str(write(tmp_path / "t.csv", rows(100)))
    splits = Table(path=path, features=["x1"], weak_train=100, pool=100, validation=100, test=100).load(0)
    assert [len(part) for part in roles(splits)] == [25, 25, 25, 25]
    assert splits.notes == (
        "400 points were asked for and 100 are there: the run is smaller (validation 25, weak_train 25, pool 25, test 25).",
    )


def test_a_split_column_names_the_roles_and_train_is_dealt(tmp_path: Path) -> None:
    content = rows(120)
    for i, row in enumerate(content):
        row["role"] = "test" if i < 20 else "train"
    splits = Table(path=str(write(tmp_path / "t.csv", content)), id="name", split="role", features=["x1"]).load(0)
    assert {str(name) for name in splits.test.ids} == {f"p{i}" for i in range(20)}
    # 100 rows to validation : weak_train : pool = .05 : .35 : .35
    assert [len(part) for part in roles(splits)] == [47, 47, 6, 20]
    assert not splits.fixed_halves


def test_halves_that_the_data_names_are_not_dealt_again(tmp_path: Path) -> None:
    content = rows(80)
    for i, row in enumerate(content):
        row["role"] = ROLES[i // 20]
    splits = Table(path=str(write(tmp_path / "t.csv", content)), id="name", split="role", features=["x1"]).load(0)
    assert splits.fixed_halves
    assert sorted(splits.pool.ids.tolist()) == sorted(f"p{i}" for i in range(20, 40))


def test_votes_become_class_codes_and_minus_one_abstains(tmp_path: Path) -> None:
    content = [{"lf_a": "ham" if i % 2 else "spam", "lf_b": None, "label": "spam" if i % 3 else "ham"} for i in range(90)]
    splits = Table(path=str(write(tmp_path / "t.jsonl", content)), votes=["lf_*"]).load(0)
    votes = splits.pool.inputs.votes
    assert votes is not None
    numbers = np.array([int(name.split("-")[1]) - 1 for name in splits.pool.ids])
    assert votes[:, 0].tolist() == [0 if i % 2 else 1 for i in numbers]
    assert (votes[:, 1] == -1).all()


def test_numbers_are_classes_in_the_order_of_numbers(tmp_path: Path) -> None:
    content = [{"x": i, "label": (2.0, 10.0, 1.0)[i % 3]} for i in range(120)]
    assert Table(path=str(write(tmp_path / "t.parquet", content))).load(0).classes == ("1", "2", "10")


NUMBERS = "1,a\n2,b\n" * 20
FLAWS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a missing label column": ("x,lable\n1,a\n2,b\n", {}, "no column 'label'.*Did you mean 'lable'"),
    "one class only": ("x,label\n" + "1,a\n" * 40, {}, "Every row has the label 'a'"),
    "an empty file": ("", {}, "is empty"),
    "a header without rows": ("x,label\n", {}, "holds no row"),
    "a feature that is NaN": ("x,y,label\n1,2,a\n1,NaN,b\n" + "1,2,a\n" * 9, {}, "'y' holds no finite number in row 2"),
    "an infinite feature": (f"x,label\n1,a\ninf,b\n{NUMBERS}", {}, "'x' holds no finite number in row 2"),
    "a word among numbers": (f"x,label\n{NUMBERS}oops,a\n", {}, "'x' holds numbers, but 'oops' in row 41"),
    "a number as Python writes it": (
        "x,y,label\n" + "1,1,a\n2,1,b\n" * 20 + "1_000,1,a\n",
        {},
        "'x' holds numbers, but '1_000' in row 41",
    ),
    "a number that no float is": (
        f"x,label\n{NUMBERS}{2**53 + 1},a\n",
        {},
        "'x' holds 9007199254740993 in row 41: beyond 2.53",
    ),
    "a named feature that is text": ("x,label\nfoo,a\nbar,b\n", {"features": ["x"]}, "'x' is no feature"),
    "duplicate ids": ("x,label,k\n1,a,7\n2,b,8\n3,a,7\n", {"id": "k"}, "the id '7' twice, in rows 1 and 3"),
    "a ragged row": ("x,label\n1,a\n2\n3,a\n", {}, "Expected 2 columns, got 1"),
    "a missing source": ("x,label,s\n1,a,u\n2,b,\n", {"source": "s"}, "'s' has no value in row 2"),
    "a missing label": ("x,label\n1,a\n2,\n", {}, "'label' has no value in row 2"),
    "a label of its own for every row": ("x,label\n" + "".join(f"1,{i}.5\n" for i in range(40)), {}, "too many for classes"),
    "a source column that is not there": ("x,label,vendor\n1,a,u\n", {"source": "vender"}, "Did you mean 'vendor'"),
    "texts only and no text named": ("t,label\nfoo bar,a\nbar foo,b\n" + "t u,a\n" * 9, {}, "dataset.text=t"),
    "an empty text": ('t,label\nfoo,a\n" ",b\n' + "t u,a\n" * 9, {"text": "t"}, "text of row 2 is empty"),
    "a role that is none": ("x,label,r\n1,a,train\n2,b,tets\n" + "1,a,train\n" * 9, {"split": "r"}, "the role 'tets'"),
    "a role without rows": (
        "x,label,r\n" + "1,a,pool\n2,b,pool\n" * 9,
        {"split": "r"},
        "no row to validation, weak_train, test",
    ),
    "too few rows": ("x,label\n" + "1,a\n2,b\n" * 3, {}, "needs at least 4"),
    "two columns of one name": ("x,x,label\n" + "1,2,a\n2,1,b\n" * 9, {}, "two columns named 'x'"),
    "semicolons": ("x;label\n1;a\n2;b\n", {}, "separated by ';'"),
    "a pattern that matches nothing": (f"x,label\n{NUMBERS}", {"features": ["emb_*"]}, r"no column 'emb_\*'"),
    "nothing beside the label": ("label\n" + "a\nb\n" * 20, {}, "no column beside the label"),
    "a number of the row beside the label": ("idx,label\n" + "1,a\n2,b\n" * 20, {}, r"dataset.features=\[idx\]"),
    "a vote for no class": ("x,label,v\n1,a,a\n2,b,c\n" + "1,a,a\n" * 9, {"votes": ["v"]}, "votes for 'c' in row 2"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_in_the_file_is_named_in_three_lines_at_most(tmp_path: Path, flaw: str) -> None:
    content, settings, expected = FLAWS[flaw]
    path = tmp_path / "points.csv"
    path.write_text(content)
    table = Table(path=str(path), **settings)
    for action in (table.check, lambda: table.load(0)):
        with pytest.raises(DataError, match=f"(?s){expected}") as caught:
            action()
        assert len(str(caught.value).splitlines()) <= 3


def test_a_large_file_is_checked_by_its_header_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,label\n1,a\nNaN,b\n")
    monkeypatch.setattr("w2s.dataset.table.SMALL_BYTES", 10)
    Table(path=str(path)).check()
    with pytest.raises(DataError, match="no column 'lable'"):
        Table(path=str(path), label="lable").check()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "dataset.path=points.csv"),
        ({"path": "nowhere.csv"}, "no such file"),
        ({"path": "FOLDER/points.xlsx"}, "a table is one of .parquet"),
        ({"path": "FOLDER/points.csv", "weak_train": 2}, "it should be greater than or equal to 4, or be less than 1"),
        ({"path": "FOLDER/points.csv", "pool": 1.5}, "it should be a valid integer, or be less than 1"),
        ({"path": "FOLDER/points.csv", "limit": 1}, "greater than or equal to 4"),
        ({"path": "FOLDER/points.csv", "text": "{title"}, "braces"),
        ({"path": "FOLDER/points.csv", "text": "{} and {}"}, "one column's name"),
        ({"path": "FOLDER/points.csv", "text": "{title} {label}"}, "the label is what models have to find"),
        ({"path": "FOLDER/points.csv", "features": ["x", "label"]}, "the label is what models have to find"),
        ({"path": "FOLDER/points.csv", "votes": ["label"]}, "the label is what models have to find"),
        ({"path": "FOLDER/points.csv", "features": []}, "it should hold at least 1"),
    ],
)
def test_a_wrong_setting_is_answered_before_anything_is_read(
    tmp_path: Path, settings: dict[str, Any], expected: str
) -> None:
    for name in ("points.csv", "points.xlsx"):
        (tmp_path / name).write_bytes(b"\x00 not a table")
    settings = {k: v.replace("FOLDER", str(tmp_path)) if isinstance(v, str) else v for k, v in settings.items()}
    with pytest.raises(ConfigError, match=expected):
        Table(**settings)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json", ".parquet"])
def test_a_file_that_is_not_what_its_suffix_says_is_refused_by_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"points{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe")
    with pytest.raises(W2SError, match="points"):
        Table(path=str(path)).load(0)
    with pytest.raises(W2SError, match="points"):
        Table(path=str(path)).check()


def test_dates_travel_with_their_points_and_are_no_feature(tmp_path: Path) -> None:
    content = [{**row, "day": f"2026-0{1 + i % 3}-05"} for i, row in enumerate(rows())]
    splits = Table(path=str(write(tmp_path / "a.jsonl", content)), date="day").load(0)
    for split in roles(splits):
        assert split.periods is not None
        numbers = [int(name.removeprefix("row-")) - 1 for name in split.ids]
        assert split.periods.tolist() == [content[i]["day"][:7] for i in numbers]
    with pytest.raises(DataError, match="has no column 'dya'"):
        Table(path=str(tmp_path / "a.jsonl"), date="dya").check()
