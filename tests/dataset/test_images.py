"""Folders and tables of pictures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.pictures import COLOURS, picture_folder
from w2s.dataset.digit_images import DigitImages
from w2s.dataset.images import Images
from w2s.errors import ConfigError, DataError
from w2s.types import Split
from w2s.utils.image_decoding import decoded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_folder(tmp_path_factory.mktemp("pictures"), 120)


def names(split: Split) -> list[str]:
    assert split.inputs.images is not None
    return [picture.name for picture in split.inputs.images]


def test_a_folder_has_a_class_for_each_sub_folder(folder: Path) -> None:
    splits = Images(path=str(folder)).load(0)
    assert splits.classes == tuple(sorted(COLOURS))
    labels = splits.pool.labels.open("test")
    assert [Path(name).parent.name for name in names(splits.pool)] == [splits.classes[k] for k in labels]
    assert all(str(folder / own) == name for own, name in zip(splits.pool.ids, names(splits.pool), strict=True))
    assert sum(map(len, (splits.weak_train, splits.pool, splits.validation, splits.test))) == 120


def test_folders_of_roles_above_the_classes_deal_the_pictures(tmp_path: Path) -> None:
    splits = Images(path=str(picture_folder(tmp_path, 30, roles=("train", "test")))).load(0)
    assert len(splits.test) == 30
    assert all(name.startswith(str(tmp_path / "test")) for name in names(splits.test))
    assert all(name.startswith(str(tmp_path / "train")) for name in names(splits.pool))


def test_a_table_names_pictures_labels_and_sources(folder: Path, tmp_path: Path) -> None:
    files = sorted(folder.rglob("*.*g"))
    rows = {
        "photo": [str(file) for file in files],
        "what": [file.parent.name for file in files],
        "camera": [f"camera {i % 4}" for i in range(len(files))],
        "age": range(len(files)),
    }
    pd.DataFrame(rows).to_csv(tmp_path / "photos.csv", index=False)
    chosen = {"path": str(tmp_path / "photos.csv"), "image": "photo", "label": "what", "source": "camera"}
    dataset = Images(**chosen)  # type: ignore[arg-type]
    dataset.check()
    splits = dataset.load(0)
    assert dataset.provides == {"images", "sources"}
    assert splits.pool.inputs.features is None
    assert splits.pool.sources is not None
    places = [rows["photo"].index(name) for name in names(splits.pool)]  # type: ignore[attr-defined]
    assert splits.pool.sources.tolist() == [f"camera {i % 4}" for i in places]
    with_age = Images(**chosen, features="age").load(0)  # type: ignore[arg-type]
    assert with_age.pool.inputs.features is not None
    assert with_age.pool.inputs.features[:, 0].tolist() == places


def test_paths_of_a_table_begin_at_its_folder_and_a_lost_file_is_named(folder: Path) -> None:
    files = [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*.*g"))]
    frame = pd.DataFrame({"image": files, "label": [file.split("/")[0] for file in files]})
    frame.to_csv(folder / "table.csv", index=False)
    assert len(Images(path=str(folder / "table.csv")).load(0).pool) > 0
    frame.loc[4, "image"] = "red/lost.png"
    frame.to_csv(folder / "table.csv", index=False)
    with pytest.raises(DataError, match=r"row 5, column 'image' names red/lost.png, and there is no such file"):
        Images(path=str(folder / "table.csv")).load(0)
    (folder / "table.csv").unlink()


def test_a_parquet_file_may_hold_the_pictures_themselves(folder: Path, tmp_path: Path) -> None:
    files = sorted(folder.rglob("*.*g"))
    cells = [{"bytes": file.read_bytes(), "path": None} for file in files]
    pd.DataFrame({"image": cells, "label": [file.parent.name for file in files]}).to_parquet(tmp_path / "held.parquet")
    splits = Images(path=str(tmp_path / "held.parquet")).load(0)
    assert splits.pool.inputs.images is not None
    assert decoded(splits.pool.inputs.images[0]).size == (24, 24)


def test_a_broken_picture_is_named_by_the_check(tmp_path: Path) -> None:
    folder = picture_folder(tmp_path, 30)
    Images(path=str(folder)).check()
    (folder / "red" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n but not much more")
    with pytest.raises(DataError, match=r"red/0\.png is no picture that can be read"):
        Images(path=str(folder)).check()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: None, "path=.*: it is not a folder with a sub-folder for each class"),
        (lambda folder: folder.mkdir(), "none is there"),
        (lambda folder: Image.new("RGB", (4, 4)).save((folder.mkdir() or folder) / "loose.png"), "loose.png lies in none"),
    ],
)
def test_what_is_no_folder_of_pictures_is_refused_in_words(tmp_path: Path, make: object, told: str) -> None:
    make(tmp_path / "pictures")  # type: ignore[operator]
    with pytest.raises((ConfigError, DataError), match=told):
        Images(path=str(tmp_path / "pictures")).load(0)


def test_digits_as_pictures_show_what_the_features_say() -> None:
    pool = DigitImages().load(0).pool
    assert pool.inputs.images is not None
    assert pool.inputs.features is not None
    for i in (0, 7):
        shown = np.asarray(decoded(pool.inputs.images[i]))[:, :, 0] / 255
        np.testing.assert_allclose(shown.ravel(), pool.inputs.features[i], atol=1 / 255)
