"""Rows of new files that are pictures."""

import os
from pathlib import Path

import pandas as pd
import pytest

from tests.pictures import picture_folder
from w2s.dataset.new_files import NewFiles
from w2s.errors import DataError
from w2s.types import ColumnRoles
from w2s.utils.image_decoding import decoded

PHOTOS = ColumnRoles(image="photo", source="camera", id="key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return picture_folder(tmp_path / "pictures", 30)


def frame(folder: Path) -> pd.DataFrame:
    files = sorted(folder.rglob("*.*g"))
    names = [file.relative_to(folder.parent).as_posix() for file in files]
    return pd.DataFrame({"key": range(len(files)), "photo": names, "camera": "a"})


def test_a_folder_is_a_row_for_each_picture_in_any_part(folder: Path) -> None:
    files = NewFiles(path=str(folder), image="image")
    roles = files.roles(PHOTOS)
    files.expect(roles)
    assert files.sizes == (30,)
    pieces = list(files.rows(roles, 4, 27, 10))
    assert [len(piece.ids) for piece in pieces] == [10, 10, 3]
    ids = [name for piece in pieces for name in piece.ids.to_pylist()]
    assert ids == [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*.*g"))][4:27]
    seen = [picture.name for piece in pieces for picture in piece.inputs.images or ()]
    assert seen == [str(folder / name) for name in ids]
    with pytest.raises(DataError, match="pictures has no column 'body'"):
        files.expect(files.roles(ColumnRoles(text="body")))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_table_names_pictures_from_its_own_folder(folder: Path, suffix: str) -> None:
    path, rows = folder.parent / f"new{suffix}", frame(folder)
    writers = {".csv": rows.to_csv, ".jsonl": lambda to: rows.to_json(to, orient="records", lines=True)}
    writers.get(suffix, rows.to_parquet)(path)
    files = NewFiles(path=str(path), image="image")
    assert files.roles(PHOTOS) == PHOTOS  # the usual name stands for the run's
    assert files.roles(None).image == "image"
    pieces = list(files.rows(PHOTOS, 0, 30, 12))
    assert [picture.name for piece in pieces for picture in piece.inputs.images or ()] == [
        str(folder.parent / name) for name in rows["photo"]
    ]
    before = files.state(PHOTOS)
    (picture,) = {Path(rows["photo"][7])}
    status = (folder.parent / picture).stat()
    os.utime(folder.parent / picture, ns=(0, status.st_mtime_ns - 1))
    assert files.state(PHOTOS) != before


def test_a_table_may_hold_the_files_of_its_pictures(folder: Path, tmp_path: Path) -> None:
    rows = frame(folder)
    rows["photo"] = [{"bytes": (folder.parent / name).read_bytes(), "path": None} for name in rows["photo"]]
    rows.to_parquet(tmp_path / "held.parquet")
    files = NewFiles(path=str(tmp_path / "held.parquet"))
    (piece,) = files.rows(PHOTOS, 3, 9, 100)
    assert [decoded(picture).size for picture in piece.inputs.images or ()] == [(24, 24)] * 6
    assert (piece.inputs.images or ())[1].name == "The picture in held.parquet, row 5, column 'photo'"


def test_a_lost_picture_is_told_by_its_row_in_the_file(folder: Path) -> None:
    rows = frame(folder)
    rows.loc[25, "photo"] = "lost.png"
    rows.to_csv(folder.parent / "new.csv", index=False)
    with pytest.raises(DataError, match=r"new.csv, row 26, column 'photo' names lost.png, and there is no such file"):
        list(NewFiles(path=str(folder.parent / "new.csv")).rows(PHOTOS, 0, 30, 10))
