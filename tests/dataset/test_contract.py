"""What every data set keeps, whichever it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s.dataset.digits import Digits
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.hub import Hub
from w2s.dataset.table import Table
from w2s.protocols import Dataset
from w2s.types import Sealed, Split, Splits

ROLES = ("weak_train", "pool", "validation", "test")


def table(folder: Path) -> Dataset:
    draw = np.random.default_rng(1)
    points = pa.table(
        {"x": draw.normal(size=300), "label": draw.integers(3, size=300), "shop": draw.choice(["a", "b"], 300)}
    )
    pq.write_table(points, folder / "points.parquet")
    return Table(path=str(folder / "points.parquet"), source="shop")


def hub(folder: Path) -> Dataset:
    for split in ("train", "test"):
        rows = [{"sentence": f"{split} sentence {i}", "label": i % 2} for i in range(120)]
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{split}.parquet")
    return Hub(path=str(folder), text="sentence", label="label", weak_train=40, pool=40, validation=10, test=60)


CHOICES = {
    "digits": lambda _: Digits(),
    "gaussian": lambda _: Gaussian(),
    "table": table,
    "hub": hub,
}


@pytest.fixture(params=CHOICES)
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    made: Dataset = CHOICES[request.param](tmp_path)
    return made


def parts(splits: Splits) -> list[Split]:
    return [getattr(splits, role) for role in ROLES]


def test_it_is_a_dataset(dataset: Dataset) -> None:
    assert isinstance(dataset, Dataset)


def test_ids_are_unique_over_all_roles(dataset: Dataset) -> None:
    ids = [str(name) for part in parts(dataset.load(0)) for name in part.ids]
    assert len(set(ids)) == len(ids)


def test_labels_are_sealed_codes_of_the_classes(dataset: Dataset) -> None:
    splits = dataset.load(0)
    for part in parts(splits):
        assert isinstance(part.labels, Sealed)
        labels = part.labels.open("test")
        assert labels.shape == (len(part),)
        assert labels.dtype.kind == "i"
        assert labels.min() >= 0
        assert labels.max() < len(splits.classes)
        assert len(part.inputs) == len(part)
        assert part.sources is None or len(part.sources) == len(part)


def test_a_data_seed_fixes_everything(dataset: Dataset) -> None:
    for one, other in zip(parts(dataset.load(5)), parts(dataset.load(5)), strict=True):
        assert one.ids.tolist() == other.ids.tolist()
        assert one.labels.open("test").tolist() == other.labels.open("test").tolist()
        assert one.inputs.texts == other.inputs.texts
        if one.inputs.features is not None:
            np.testing.assert_array_equal(one.inputs.features, other.inputs.features)


def test_another_data_seed_gives_another_sample(dataset: Dataset) -> None:
    one, other = dataset.load(0).pool, dataset.load(1).pool
    assert one.labels.open("test").tolist() != other.labels.open("test").tolist() or one.ids.tolist() != other.ids.tolist()


def test_its_provenance_says_what_the_data_is(dataset: Dataset) -> None:
    assert dict(dataset.load(0).provenance)["data"]


def test_the_global_random_state_is_left_alone(dataset: Dataset) -> None:
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # type: ignore[union-attr]  # noqa: NPY002
    dataset.load(0)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[union-attr]  # noqa: NPY002
