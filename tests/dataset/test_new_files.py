import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from w2s.dataset.files import streams
from w2s.dataset.new_files import NewFiles
from w2s.errors import ConfigError, DataError
from w2s.types import ColumnRoles, NewRows

ROLES = ColumnRoles(text="{title}: {body}", features=("x", "y"), source="site", id="key")


def frame(n: int = 100) -> pd.DataFrame:
    words = [f"{'é' if i % 7 == 0 else 'e'} word {i}, quoted\nline" for i in range(n)]
    numbers = np.random.default_rng(0).normal(size=n)
    columns = {"key": [f"k{i}" for i in range(n)], "title": [f"t{i}" for i in range(n)], "body": words, "x": numbers}
    dates = pd.Timestamp("2026-01-31") + pd.to_timedelta(np.arange(n), unit="D")
    return pd.DataFrame({**columns, "y": np.arange(n), "site": "a", "day": dates.strftime("%Y-%m-%d"), "other": 1})


def write(path: Path, rows: pd.DataFrame) -> Path:
    match "".join(path.suffixes):
        case ".parquet":
            rows.to_parquet(path, row_group_size=17)
        case ".jsonl":
            rows.to_json(path, orient="records", lines=True, double_precision=15)
        case ".csv.gz":
            path.write_bytes(gzip.compress(rows.to_csv(index=False).encode()))
        case kind:
            rows.to_csv(path, index=False, sep="\t" if kind == ".tsv" else ",")
    return path


def joined(pieces: list[NewRows]) -> pd.DataFrame:
    parts = []
    for piece in pieces:
        assert piece.inputs.features is not None
        columns = {"ids": piece.ids.to_pylist(), "texts": piece.inputs.texts, "months": piece.months.to_pylist()}  # type: ignore[union-attr]
        parts.append(pd.DataFrame({**columns, "x": piece.inputs.features[:, 0], "y": piece.inputs.features[:, 1]}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".jsonl", ".csv.gz"])
def test_any_part_of_any_file_is_the_same_rows_however_it_is_cut(tmp_path: Path, suffix: str) -> None:
    rows = frame()
    files = NewFiles(path=str(write(tmp_path / f"new{suffix}", rows)), date="day")
    files.expect(ROLES)
    assert files.sizes == (100,)
    whole = joined(list(files.rows(ROLES, 0, 100, 1_000)))
    assert whole["ids"].tolist() == rows["key"].tolist()
    assert whole["texts"].tolist() == (rows["title"] + ": " + rows["body"]).tolist()
    np.testing.assert_allclose(whole["x"], rows["x"], rtol=1e-12)
    assert whole["months"].tolist() == rows["day"].str[:7].tolist()
    pieces = list(files.rows(ROLES, 13, 88, 20))
    assert [len(piece.ids) for piece in pieces] == [20, 20, 20, 15]
    pd.testing.assert_frame_equal(joined(pieces), whole.iloc[13:88].reset_index(drop=True))


def test_files_follow_one_another_by_name_and_unnamed_rows_are_numbered_by_file(tmp_path: Path) -> None:
    for k in (2, 0, 1):
        write(tmp_path / f"new-{k}.parquet", frame(10))
    roles = ColumnRoles(features=("x",))
    for path in (tmp_path, tmp_path / "new-*.parquet"):
        files = NewFiles(path=str(path))
        assert files.sizes == (10, 10, 10)
        ids = [name for piece in files.rows(roles, 8, 22, 100) for name in piece.ids.to_pylist()]
        assert ids == [
            "new-0:row-9",
            "new-0:row-10",
            *[f"new-1:row-{i}" for i in range(1, 11)],
            "new-2:row-1",
            "new-2:row-2",
        ]
    alone = NewFiles(path=str(tmp_path / "new-0.parquet"))
    assert next(alone.rows(roles, 3, 4, 100)).ids.to_pylist() == ["row-4"]


def test_what_is_named_wins_over_what_the_run_read(tmp_path: Path) -> None:
    path = str(write(tmp_path / "new.parquet", frame()))
    roles = NewFiles(path=path, text="body", features=["y"]).roles(ROLES)
    assert roles == ColumnRoles(text="body", features=("y",), source="site", id="key")
    assert NewFiles(path=path).roles(ROLES) == ROLES
    assert NewFiles(path=path, features="?").roles(None).features == ("?",)


def test_flaws_are_named_by_file_and_row(tmp_path: Path) -> None:
    rows = frame()
    gap = NewFiles(path=str(write(tmp_path / "gap.parquet", rows.assign(x=rows["x"].where(rows.index != 60)))))
    with pytest.raises(DataError, match=r"gap.parquet \(rows counted from row 40 on\): column 'x' .* row 21 "):
        list(gap.rows(ROLES, 0, 100, 40))
    empty = NewFiles(path=str(write(tmp_path / "empty.parquet", rows.assign(body=" "))))
    with pytest.raises(DataError, match="the text of row 1 is empty"):
        list(empty.rows(ColumnRoles(text="body"), 0, 100, 40))
    lacking = NewFiles(path=str(write(tmp_path / "lacking.csv", rows.drop(columns="title"))))
    with pytest.raises(DataError, match=r"lacking\.csv has no column 'title'"):
        lacking.expect(ROLES)
    dated = NewFiles(path=str(write(tmp_path / "dated.parquet", rows)), date="title")
    with pytest.raises(DataError, match="column 'title' holds 't0': a date is written"):
        list(dated.rows(ROLES, 0, 1, 40))
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "dated.parquet").read_bytes()[:500])
    with pytest.raises(DataError, match="no readable parquet file"):
        _ = NewFiles(path=str(tmp_path / "cut.parquet")).sizes
    (tmp_path / "latin.csv").write_bytes((rows.to_csv(index=False)).encode("latin-1"))
    latin = NewFiles(path=str(tmp_path / "latin.csv"))
    with pytest.raises(DataError, match="is not in UTF-8"):
        _ = latin.sizes


def test_only_files_that_can_be_streamed_are_read(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text("[]")
    with pytest.raises(ConfigError, match="new rows are read from"):
        _ = NewFiles(path=str(tmp_path / "new.json")).files
    with pytest.raises(ConfigError, match="no such file"):
        _ = NewFiles(path=str(tmp_path / "*.parquet")).files
    with pytest.raises(ConfigError, match="study=apply reads new files"):
        _ = NewFiles().files


def test_a_csv_file_is_read_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 400)
    files = NewFiles(path=str(write(tmp_path / "new.csv", frame())), date="day")
    tables = list(streams.tables_of(files.files[0], ["key"], ROLES, 0, 1_000))
    assert len(tables) > 5
    assert pa.concat_tables(tables).column("key").to_pylist() == frame()["key"].tolist()
