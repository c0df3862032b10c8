"""What every data set keeps, whichever it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.pictures import picture_folder
from w2s.dataset.digit_images import DigitImages
from w2s.dataset.digits import Digits
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.hub import Hub
from w2s.dataset.hub.candidates import AnswerColumns
from w2s.dataset.images import Images
from w2s.dataset.movie_reviews import MovieReviews
from w2s.dataset.planted_digits import PlantedDigits
from w2s.dataset.planted_noise import PlantedNoise
from w2s.dataset.table import Table
from w2s.dataset.wrench import Wrench
from w2s.pool.halves import halved
from w2s.protocols import Dataset, DeclaresColumns
from w2s.types import Inputs, Sealed, Split, Splits

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


def questions(folder: Path) -> Dataset:
    rows = [{"q": f"question {i}", "good": f"right {i}", "bad": f"wrong {i}"} for i in range(200)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "train.parquet")
    sizes = {"weak_train": 40, "pool": 40, "validation": 10, "test": 40, "held_out": 60}
    rule = AnswerColumns(right="good", wrong=["bad"])
    return Hub(path=str(folder), text="{q}: {answer}", candidates=rule, test_splits=[], **sizes)


def wrench(folder: Path) -> Dataset:
    (folder / "label.json").write_text(json.dumps({"0": "ham", "1": "spam"}))
    for role in ("train", "valid", "test"):
        rows = {i: {"data": {"text": f"{role} {i}"}, "label": i % 2, "weak_labels": [i % 2, -1]} for i in range(80)}
        (folder / f"{role}.json").write_text(json.dumps(rows))
    return Wrench(path=str(folder))


CHOICES = {
    "digits": lambda _: Digits(),
    "digits as pictures": lambda _: DigitImages(),
    "folder of pictures": lambda folder: Images(path=str(picture_folder(folder, 90))),
    "gaussian": lambda _: Gaussian(),
    "movie reviews": lambda _: MovieReviews(),
    "planted digits": lambda _: PlantedDigits(),
    "planted noise": lambda _: PlantedNoise(dataset=Gaussian()),
    "table": table,
    "hub with labels": hub,
    "hub with candidates": questions,
    "wrench": wrench,
}


@pytest.fixture(params=CHOICES)
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    made: Dataset = CHOICES[request.param](tmp_path)
    return made


def parts(splits: Splits) -> list[Split]:
    return [getattr(splits, role) for role in ROLES]


def test_it_is_a_dataset(dataset: Dataset) -> None:
    assert isinstance(dataset, Dataset)


def test_what_it_says_it_provides_is_what_it_loads(dataset: Dataset) -> None:
    assert isinstance(dataset, DeclaresColumns)
    for part in parts(dataset.load(0)):
        columns = {name: getattr(part.inputs, name) for name in ("features", "texts", "images", "votes")}
        columns |= {"sources": part.sources, "planted": part.planted}
        assert dataset.provides == {name for name, values in columns.items() if values is not None}


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


def test_its_roles_have_the_same_columns_so_that_a_run_can_halve_them_anew(dataset: Dataset) -> None:
    splits = dataset.load(0)
    together = Inputs.concatenate([part.inputs for part in parts(splits)])
    assert len(together) == sum(len(part) for part in parts(splits))
    one, other = halved(splits, 1), halved(splits, 2)
    assert sorted(one.pool.ids.tolist() + one.weak_train.ids.tolist()) == sorted(
        other.pool.ids.tolist() + other.weak_train.ids.tolist()
    )
    assert one.test.ids.tolist() == other.test.ids.tolist()


def test_more_than_one_class_can_be_learnt_and_tested(dataset: Dataset) -> None:
    splits = dataset.load(0)
    for part in (splits.weak_train, splits.pool, splits.test):
        assert len(np.unique(part.labels.open("test"))) >= 2
