"""Pictures of the hub, from local copies in its schema."""

from io import BytesIO
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.configured import built
from tests.pictures import draw
from w2s.dataset.hub import HubImages
from w2s.errors import ConfigError, DataError
from w2s.utils.image_decoding import decoded

SMALL = {"weak_train": 40, "pool": 40, "validation": 10, "test": 30}


def png(colour: int, seed: int) -> bytes:
    into = BytesIO()
    draw(np.random.default_rng(seed), colour, 16).save(into, "PNG")
    return into.getvalue()


def mirror(folder: Path, *, n_classes: int = 10, image: str = "img", label: str = "label", split: str = "test") -> Path:
    """Parquet files as the hub's own loader writes them."""
    names = [str(k) for k in range(n_classes)]
    kinds = datasets.Features({image: datasets.Image(), label: datasets.ClassLabel(names=names)})
    for part, start in (("train", 0), (split, 1_000)):
        rows = {
            image: [{"bytes": png(i % 3, start + i), "path": None} for i in range(120)],
            label: [i % n_classes for i in range(120)],
        }
        datasets.Dataset.from_dict(rows, features=kinds).to_parquet(folder / f"{part}.parquet")
    return folder


def test_a_local_copy_of_cifar_is_read_by_its_own_columns(tmp_path: Path) -> None:
    sizes = [f"dataset.{role}={n}" for role, n in SMALL.items()]
    dataset = built("dataset", "cifar10", f"dataset.path={mirror(tmp_path)}", *sizes)
    assert dataset.provides == {"images"}
    dataset.check()
    splits = dataset.load(0)
    assert splits.classes[3] == "cat"
    assert len(splits.pool) == 40
    assert splits.pool.inputs.images is not None
    labels = splits.pool.labels.open("test")
    for i in (0, 11):  # the picture that belongs to the label
        row = int(str(splits.pool.ids[i]).split("-")[1])
        assert labels[i] == row % 10
        assert splits.pool.inputs.images[i].read() == png(row % 3, row)
        assert decoded(splits.pool.inputs.images[i]).size == (16, 16)


def test_the_hubs_data_sets_differ_in_columns_alone(tmp_path: Path) -> None:
    sizes = [f"dataset.{role}={n}" for role, n in SMALL.items()]
    for choice, label, image, split in (
        ("cifar100", "fine_label", "img", "test"),
        ("camelyon17", "label", "image", "test"),
        ("imagenet_1k", "label", "image", "validation"),
    ):
        folder = tmp_path / choice
        folder.mkdir()
        mirror(folder, n_classes=2, image=image, label=label, split=split)
        splits = built("dataset", choice, f"dataset.path={folder}", *sizes).load(0)
        assert splits.pool.inputs.images is not None


def test_a_row_without_a_picture_is_refused_in_words(tmp_path: Path) -> None:
    rows = [{"image": {"bytes": None, "path": "a.png"}, "label": i % 2} for i in range(200)]
    for split in ("train", "test"):
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{split}.parquet")
    with pytest.raises(DataError, match="there is no picture in it"):
        HubImages(path=str(tmp_path), **SMALL).load(0)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="has a picture and a label, no text"):
        HubImages(path=str(tmp_path), text="caption")
