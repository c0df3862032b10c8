"""Local copies of hub data sets: which files hold a split, what they give, and what a flaw in one says."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.hub.local_copy import Mirror
from w2s.errors import DataError

ROWS = [{"sentence": f'née "{i}"', "label": i % 2} for i in range(60)]
CSV = "sentence,label\n" + "".join(f'"née ""{i}""",{i % 2}\n' for i in range(60))
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
COLUMNS = ("sentence", "label")

PLAIN = (
    "README.md",
    "data/test-00000-of-00001.parquet",
    "data/train-00000-of-00002.parquet",
    "data/train-00001-of-00002.parquet",
)
SUBSETS = tuple(
    f"{subset}/{split}-00000-of-00001.parquet" for subset in ("cola", "sst2") for split in ("train", "validation")
)
CONVERTED = tuple(f"{subset}/{split}/0000.parquet" for subset in ("justice", "virtue") for split in ("train", "test"))


def parquet(rows: list[dict[str, object]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue())


def write(folder: Path, *names: str, **contents: bytes) -> Path:
    for name, content in {**dict.fromkeys(names, b""), **contents}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read(folder: Path, split: str = "train") -> list[dict[str, object]]:
    rows: list[dict[str, object]] = Mirror(folder, None, [split]).load(COLUMNS)[split].to_pylist()
    return rows


@pytest.mark.parametrize(
    ("names", "split", "subset", "expected"),
    [
        (PLAIN, "train", None, ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"]),
        (PLAIN, "test", None, ["data/test-00000-of-00001.parquet"]),
        (SUBSETS, "validation", "sst2", ["sst2/validation-00000-of-00001.parquet"]),
        (CONVERTED, "test", "virtue", ["virtue/test/0000.parquet"]),
        (("train.parquet", "test.parquet"), "train", "cola", ["train.parquet"]),
        (("train_r1-00000-of-00001.parquet", "train_r2-00000-of-00001.parquet"), "train_r2", None,
         ["train_r2-00000-of-00001.parquet"]),
        (("train.csv", "valid.csv", "test.csv"), "validation", None, ["valid.csv"]),
        (("train.json", "dev.json"), "validation", None, ["dev.json"]),
        (("a/train.jsonl.gz", "b/train.jsonl.gz", "test.jsonl.gz"), "train", None, ["a/train.jsonl.gz", "b/train.jsonl.gz"]),
        (("train.csv", "train.parquet", "test.parquet"), "train", None, ["train.parquet"]),
        ((".cache/train.parquet", "train.jsonl"), "train", None, ["train.jsonl"]),
        (("test_hard.csv", "test.csv"), "test", None, ["test.csv"]),
    ],
)  # fmt: skip
def test_a_split_is_found(
    tmp_path: Path, names: tuple[str, ...], split: str, subset: str | None, expected: list[str]
) -> None:
    files = Mirror(write(tmp_path, *names), subset, [split]).files[split]
    assert [file.relative_to(tmp_path).as_posix() for file in files] == expected


CARD = b"""---
license: mit
configs:
- config_name: default
  data_files:
  - split: train
    path: part_a/*
- config_name: other
  data_files:
  - split: train
    path:
    - part_b/one.csv
---
# A data set
"""


@pytest.mark.parametrize(("subset", "expected"), [(None, "part_a/x.csv"), ("other", "part_b/one.csv")])
def test_the_card_decides_where_it_lists_files(tmp_path: Path, subset: str | None, expected: str) -> None:
    write(tmp_path, "part_a/x.csv", "part_b/one.csv", "part_b/two.csv", "train.csv", **{"README.md": CARD})
    assert Mirror(tmp_path, subset, ["train"]).files["train"] == [tmp_path / expected]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "It holds: no table file"),
        (("train.pkl", "sst2.py"), "It holds: no table file"),
        (
            ("tarin.csv", "test.csv"),
            r"no file of the split 'train'. Did you mean 'tarin'(?s:.*)It holds: tarin.csv, test.csv",
        ),
        (("train-00000-of-00003.parquet", "train-00002-of-00003.parquet"), "lacks train-00001-of-00003"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, names: tuple[str, ...], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        _ = Mirror(write(tmp_path, *names), None, ["train"]).files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.parquet", parquet(ROWS)),
        ("train.csv", CSV.encode()),
        ("train.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("train.tsv", CSV.replace(",", "\t").encode()),
        ("train.jsonl", LINES.encode()),
        ("train.jsonl.gz", gzip.compress(LINES.encode(), mtime=0)),
        ("train.json", json.dumps(ROWS).encode()),
    ],
)
def test_every_format_gives_the_same_rows_in_their_order(tmp_path: Path, name: str, content: bytes) -> None:
    assert read(write(tmp_path, **{name: content})) == ROWS


def test_parts_follow_one_another_in_the_order_of_their_names(tmp_path: Path) -> None:
    parts = {f"train-{i:05d}-of-00003.parquet": parquet(ROWS[20 * i : 20 * i + 20]) for i in (2, 0, 1)}
    assert read(write(tmp_path, **parts)) == ROWS


def test_words_that_other_readers_take_for_nothing_stay_words(tmp_path: Path) -> None:
    write(tmp_path, **{"train.csv": b"sentence,label\nNone,1\nNA,0\nnull,1\n,0\n"})
    assert [row["sentence"] for row in read(tmp_path)] == ["None", "NA", "null", None]


def test_a_file_with_other_content_is_read_anew_even_if_its_time_is_the_same(tmp_path: Path) -> None:
    for rows in (ROWS, ROWS[::-1]):
        write(tmp_path, **{"train.parquet": parquet(rows)})
        os.utime(tmp_path / "train.parquet", (1, 1))
        assert read(tmp_path) == rows


def test_splits_may_have_other_columns_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, **{"train.csv": CSV.encode(), "test.csv": b"idx,label,sentence\n7,1,a\n"})
    tables = Mirror(tmp_path, None, ["train", "test"]).load(COLUMNS)
    assert tables["test"].to_pylist() == [{"sentence": "a", "label": 1}]


def test_a_json_file_that_is_no_list_of_rows_can_be_unfolded(tmp_path: Path) -> None:
    write(tmp_path, **{"train.json": json.dumps({"found": ROWS}).encode()})
    mirror = Mirror(tmp_path, None, ["train"], unfold=lambda value: value["found"])
    assert mirror.load(COLUMNS)["train"].to_pylist() == ROWS


GOOD = parquet(ROWS)
HEADS: list[tuple[dict[str, bytes], str]] = [
    ({"train.parquet": b"PAR1 and no more"}, "train.parquet is no readable parquet file: Parquet magic bytes not found"),
    ({"train.parquet": GOOD[: len(GOOD) // 2]}, "train.parquet is no readable parquet file: Parquet magic bytes not found"),
    ({"train-00000-of-00002.parquet": GOOD, "train-00001-of-00002.parquet": b"x"}, "train-00001-of-00002.parquet is no"),
    ({"train.csv": CSV.replace(",", ";").encode()}, "separated by ';'"),
    ({"train.csv": b""}, "train.csv is empty"),
    ({"train.csv": CSV.encode("utf-16")}, "it is in UTF-16"),
    ({"train.jsonl": b"[1]"}, "line 1 is no JSON object"),
    ({"train.parquet": parquet([{"sentence": "x", "lable": 1}])}, "no column 'label'. Did you mean 'lable'"),
]  # fmt: skip
BODIES: list[tuple[dict[str, bytes], str]] = [
    ({"train.parquet": b"PAR1 and no more"}, "train.parquet cannot be read: Parquet magic bytes not found"),
    ({"train-00000-of-00002.parquet": GOOD, "train-00001-of-00002.parquet": b"x"}, "train-00001-of-00002.parquet cannot be"),
    ({"train-00000-of-00002.parquet": GOOD, "train-00001-of-00002.parquet": parquet([{"sentence": "x", "lable": 1}])},
     "files of one split differ in .*column names don't match"),
    ({"train.csv": CSV.encode() + b"a,b,c,d\n"}, "train.csv cannot be read: .*Expected 2 fields in line 62, saw 4"),
    ({"train.csv": CSV.encode("utf-16")}, "train.csv cannot be read: 'utf-8' codec"),
    ({"train.csv.gz": gzip.compress(CSV.encode(), mtime=0)[:60]}, "train.csv.gz cannot be read"),
    ({"train.jsonl": LINES.encode() + b"{oops\n"}, "train.jsonl cannot be read: JSON parse error"),
    ({"train.jsonl": b"[1]\n"}, "no column 'sentence'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "contents", "expected"),
    [("check", *flaw) for flaw in HEADS] + [("load", *flaw) for flaw in BODIES],
)
def test_a_flaw_is_said_on_a_line_that_names_the_file(
    tmp_path: Path, action: str, contents: dict[str, bytes], expected: str
) -> None:
    mirror = Mirror(write(tmp_path, **contents), None, ["train"])
    with pytest.raises(DataError, match=expected) as caught:
        getattr(mirror, action)(COLUMNS)
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


def test_reading_leaves_no_trace_on_a_screen_that_nobody_watches(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import datasets

    shown = datasets.are_progress_bars_disabled()
    read(write(tmp_path, **{"train.csv": CSV.encode() + b'"new",1\n'}))
    with pytest.raises(DataError):
        read(write(tmp_path / "other", **{"train.parquet": b"x"}))
    assert capfd.readouterr() == ("", "")
    assert datasets.are_progress_bars_disabled() == shown
