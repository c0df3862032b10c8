"""Table files: what every format gives, and what a damaged one says."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.files.formats import column_names, kind, read
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
    path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
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
        ("a.jsonl", b'{"n": 1' + b"0" * 25 + b"}", "column 'n' holds a number of 26 digits in row 1: beyond 64 bits"),
        ("a.jsonl", b'{"n": 1}\n{"n": 1' + b"0" * 5_000 + b"}", "line 2 is not JSON: Exceeds the limit"),
        ("a.jsonl", b'{"n": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "line 1 is not JSON: nested too deeply"),
        ("a.json", b'[{"n": ' + b"[" * 90 + b"]" * 90 + b"}]", "nested deeper than 64 levels"),
        ("a.jsonl", b'{"n": "\\ud800"}', "line 1 is not JSON: .*surrogates not allowed"),
        ("a.json", b'[{"n": "\\ud800"}]', "surrogates not allowed"),
        ("a.jsonl", b'{"n": 9007199254740993}\n{"n": 0.5}', "column 'n' mixes kinds of values: .*9007199254740993"),
        ("a.csv", b"n," + b"t" * 200_000 + b"\n1,2\n", "no readable csv file: field larger than field limit"),
        ("a.csv.gz", gzip.compress(b"n,t\n1,2\n", mtime=0)[:20], "damaged gzip file"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=expected) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz", "a.json", "a.parquet"])
def test_a_folder_a_pipe_and_nothing_in_the_place_of_a_file_are_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    places = {"No such file": lambda: None, "but a folder": path.mkdir, "but a pipe": lambda: os.mkfifo(path)}
    for told, make in places.items():
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        make()
        for function in (read, column_names):
            with pytest.raises(DataError, match=rf"{name} is no readable \w+ file: .*{told}"):
                function(path)


def test_a_packed_file_is_not_unpacked_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2s.dataset.files.text_files.SMALL", 2_000_000)
    for name, first in (("a.csv.gz", b"n,t\n"), ("a.jsonl.gz", b'{"n": 1}\n'), ("a.json.gz", b"")):
        (tmp_path / name).write_bytes(gzip.compress(first + bytes(10_000_000), mtime=0))
        with pytest.raises(DataError, match="unpacks to more than 50 times its size"):
            read(tmp_path / name)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"n,t\n" + b"1,2\n" * 400_000, mtime=0))
    assert read(tmp_path / "a.csv.gz").num_rows == 400_000


def test_a_parquet_file_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    rows, times = 10_000_000, 1_000
    column = pa.chunked_array([pa.array(np.zeros(rows, np.int8))])
    with pq.ParquetWriter(tmp_path / "a.parquet", pa.schema([("n", pa.int8())])) as writer:
        writer.write_table(pa.table({"n": column}))
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    collected = [metadata]
    for part in [pq.read_metadata(tmp_path / "a.parquet") for _ in range(times - 1)]:
        collected[0].append_row_groups(part)
    collected[0].write_metadata_file(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"10,000,000,000 rows of 1 columns, which need 80 GB;\nthis machine has"):
        read(tmp_path / "a.parquet")


def test_a_key_that_a_line_lacks_is_a_missing_value(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n{"t": "x"}\n')
    assert read(tmp_path / "a.jsonl").to_pylist() == [{"n": 1, "t": None}, {"n": None, "t": "x"}]


def test_the_suffix_alone_says_how_a_file_is_read() -> None:
    assert [kind(Path(name)) for name in ("a.CSV", "a.json.gz", "a.xlsx", "a", "gz", "a.parquet")] == [
        ".csv", ".json", None, None, None, ".parquet",
    ]  # fmt: skip
