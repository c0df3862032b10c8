"""Table files: what every format gives, and what a damaged one says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.file_formats import column_names, kind, read
from w2s.errors import DataError

ROWS = [{"n": 1, "t": "one"}, {"n": 2, "t": 'two, "2"\nlines'}]
CSV = 'n,t\n1,one\n2,"two, ""2""\nlines"\n'


def write(folder: Path, name: str) -> Path:
    path = folder / name
    plain = name.removesuffix(".gz")
    if plain.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(ROWS), path)
        return path
    text = {
        "a.csv": CSV,
        "bom.csv": "\ufeff" + CSV,
        "windows.csv": 'n,t\r\n1,one\r\n2,"two, ""2""\nlines"\r\n',
        "a.tsv": CSV.replace("n,t", "n\tt").replace("1,", "1\t").replace("2,\"", '2\t"'),
        "a.jsonl": "\n".join(json.dumps(row) for row in ROWS) + "\n\n",
        "a.json": json.dumps(ROWS),
        "lines.json": "\n".join(json.dumps(row) for row in ROWS),
    }[plain]  # fmt: skip
    content = text.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


NAMES = [
    "a.csv",
    "bom.csv",
    "windows.csv",
    "a.tsv",
    "a.jsonl",
    "a.json",
    "lines.json",
    "a.parquet",
    "a.csv.gz",
    "a.jsonl.gz",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_gives_the_same_rows_and_its_header_names_them(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)
    assert read(path).to_pylist() == ROWS
    assert column_names(path) == ("n", "t")


def test_words_that_other_readers_take_for_nothing_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,n\nNone,1\nNA,2\nnull,3\n")
    assert read(path).column("t").to_pylist() == ["None", "NA", "null"]


def test_a_number_of_the_last_row_can_make_a_column_of_words(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n\n" + "1\n" * 300_000 + "x\n")
    assert read(path).column("n")[0].as_py() == "1"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", "n\nä".encode("utf-16"), r"it is in UTF-16\.\nSave it as UTF-8, or: iconv -f UTF-16 -t UTF-8 a\.csv"),
        ("a.csv", "n\nä\n".encode("latin-1"), r"line 2 is not in UTF-8, perhaps in Latin-1\.\nSave it as UTF-8"),
        ("a.jsonl", b'{"n": "\xe4"}', r"line 1 is not in UTF-8"),
        ("a.csv", b"n;t\n1;2\n", "separated by ';'"),
        ("a.tsv", b"n,t\n1,2\n", "separated by ','"),
        ("a.csv", b"n\tt\n1\t2\n", "separated by a tab"),
        ("a.csv", b"n,t\n1,2\n3\n", "Expected 2 columns, got 1"),
        ("a.csv.gz", b"n,t\n1,2\n", "damaged gzip"),
        ("a.jsonl", b'{"n": 1}\n{oops\n', "line 2 is not JSON"),
        ("a.jsonl", b"[1]\n", "line 1 is no JSON object"),
        ("a.jsonl", b'{"n": 1}\n{"n": "x"}\n', "mixes kinds of values"),
        ("a.json", b"3", "holds no rows"),
        ("a.json", b"[[1, 2]]", "holds no rows"),
        ("a.parquet", b"PAR1 and no more", "no readable parquet file"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=expected) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_key_that_a_line_lacks_is_a_missing_value(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n{"t": "x"}\n')
    assert read(tmp_path / "a.jsonl").to_pylist() == [{"n": 1, "t": None}, {"n": None, "t": "x"}]


def test_the_suffix_alone_says_how_a_file_is_read() -> None:
    assert [kind(Path(name)) for name in ("a.CSV", "a.json.gz", "a.xlsx", "a", "gz", "a.parquet")] == [
        ".csv", ".json", None, None, None, ".parquet",
    ]  # fmt: skip
