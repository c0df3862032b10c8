"""Which files hold a split, in every layout that data sets use."""

from __future__ import annotations

from pathlib import Path

import pytest

from w2s.dataset.files import listing, split_files
from w2s.errors import DataError

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


@pytest.mark.parametrize(
    ("names", "split", "subset", "expected"),
    [
        (PLAIN, "train", None, ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet")),
        (PLAIN, "test", None, ("data/test-00000-of-00001.parquet",)),
        (SUBSETS, "validation", "sst2", ("sst2/validation-00000-of-00001.parquet",)),
        (CONVERTED, "test", "virtue", ("virtue/test/0000.parquet",)),
        (("train.parquet", "test.parquet"), "train", "cola", ("train.parquet",)),
        (("train_r1-00000-of-00001.parquet", "train_r2-00000-of-00001.parquet"), "train_r2", None,
         ("train_r2-00000-of-00001.parquet",)),
        (("train.csv", "valid.csv", "test.csv"), "validation", None, ("valid.csv",)),
        (("train.json", "dev.json"), "validation", None, ("dev.json",)),
        (("a/train.jsonl.gz", "b/train.jsonl.gz", "test.jsonl.gz"), "train", None, ("a/train.jsonl.gz", "b/train.jsonl.gz")),
        (("train.csv", "train.parquet", "test.parquet"), "train", None, ("train.parquet",)),
        (("data/train-00000-of-00001-da17dfc1120ed1ee.parquet",), "train", None,
         ("data/train-00000-of-00001-da17dfc1120ed1ee.parquet",)),
        ((".cache/train.parquet", "train.jsonl"), "train", None, ("train.jsonl",)),
        (("test_hard.csv", "test.csv"), "test", None, ("test.csv",)),
    ],
)  # fmt: skip
def test_a_split_is_found(names: tuple[str, ...], split: str, subset: str | None, expected: tuple[str, ...]) -> None:
    assert split_files(names, split, subset=subset, where="here") == expected


CARD = """---
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


@pytest.mark.parametrize(("subset", "expected"), [(None, ("part_a/x.csv",)), ("other", ("part_b/one.csv",))])
def test_the_card_decides_where_it_lists_files(subset: str | None, expected: tuple[str, ...]) -> None:
    names = ("part_a/x.csv", "part_b/one.csv", "part_b/two.csv", "train.csv")
    assert split_files(names, "train", subset=subset, where="here", card=CARD) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "holds no parquet, csv or jsonl file"),
        (("sst2.py", "README.md"), "scripts are never run(?s:.*)refs/convert/parquet"),
        (("tarin.csv", "test.csv"), "no file of the split 'train'. Did you mean 'tarin'"),
        (("train-00000-of-00003.parquet", "train-00002-of-00003.parquet"), "lacks train-00001-of-00003"),
    ],
)
def test_what_is_missing_is_named(names: tuple[str, ...], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        split_files(names, "train", subset=None, where="here")


def test_a_listing_leaves_out_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b/x.csv", "a.csv", ".git/y.csv", "b/.z.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert listing(tmp_path) == ("a.csv", "b/x.csv")
