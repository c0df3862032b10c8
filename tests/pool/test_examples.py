"""What is kept of the points for people to look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pool.pools import prepared, shuffled, with_regions
from w2s.errors import ConfigError
from w2s.pool.examples import CHARACTERS, Look, described, example_points, point_map
from w2s.pool.pool import PreparedPool
from w2s.types import Inputs, Partition, Region, as_names
from w2s.utils.image_decoding import grey_picture

EASY, HARD, OVERLAP = (int(region) for region in (Region.EASY, Region.HARD, Region.OVERLAP))


def ordered(sources: list[str] | None = None) -> PreparedPool:
    """12 points: 4 easy, 4 hard, 4 overlap; score and confidence grow with the number of the point."""
    pool = prepared(easy=4, hard=4, overlap=4)
    n = len(pool.partition)
    grow = np.arange(n) / n
    regions = np.array([EASY, HARD, OVERLAP] * (n // 3))
    score = np.where(regions == HARD, np.nan, grow)
    split = pool.splits.pool if sources is None else replace(pool.splits.pool, sources=as_names(sources))
    return replace(pool, splits=replace(pool.splits, pool=split), partition=Partition(regions, grow, score))


def test_each_region_has_its_clearest_and_its_least_clear_points() -> None:
    pool = ordered()
    frame = example_points(pool, 1)
    place = {id_: k for k, id_ in enumerate(pool.splits.pool.ids)}
    found = {(row.region, row.kind): place[row.id] for row in frame.itertuples()}
    assert found == {
        ("easy", "clearest"): 0,
        ("easy", "least clear"): 9,
        ("hard", "clearest"): 1,
        ("hard", "least clear"): 10,
        ("overlap", "clearest"): 11,
        ("overlap", "least clear"): 2,
    }


def test_a_trained_student_shows_where_it_disagrees_most() -> None:
    pool = ordered()
    answers = pool.student.predict(pool.strong_pool)
    frame = example_points(pool, 1)
    place = {id_: k for k, id_ in enumerate(pool.splits.pool.ids)}
    apart = np.abs(answers - pool.weak_pool).sum(axis=1)
    for row in frame[frame["kind"] == "student disagrees"].itertuples():
        same = [k for k in range(len(apart)) if Region(pool.partition.regions[k]).name.lower() == row.region]
        assert apart[place[row.id]] == apart[same].max()
        assert row.student == pool.splits.classes[answers[place[row.id]].argmax()]


def test_each_of_the_largest_sources_has_examples_of_its_own() -> None:
    frame = example_points(ordered(["a"] * 6 + ["b"] * 6), 2)
    assert set(frame["source"]) == {"a", "b"}
    assert frame.groupby(["source", "region", "kind"]).size().max() == 2


def test_the_pools_truth_is_not_looked_at() -> None:
    pool = ordered()
    other = replace(pool, splits=shuffled(pool.splits, ("pool",)))
    for (name, one), (_, two) in zip(Look().tables(pool), Look().tables(other), strict=True):
        assert one.equals(two), name


def test_nothing_of_the_data_is_kept_when_no_examples_are_asked_for() -> None:
    tables = dict(Look(examples=0).tables(ordered()))
    assert tables.keys() == {"picks", "map"}
    assert not {"text", "x0"} & {*tables["picks"]}
    assert {"text", "x0"} & {*dict(Look().tables(ordered()))["picks"]}
    assert not list(Look(examples=0, projection="none", picks=False).tables(ordered()))
    with pytest.raises(ConfigError, match="examples"):
        Look(examples=-1)


def test_a_point_is_told_by_its_text_or_by_its_most_unusual_columns() -> None:
    assert described(Inputs(texts=("a", "b" * 5_000)), np.array([1]), []) == ["b" * CHARACTERS]
    features = np.zeros((5, 20))
    features[3, 11] = 7.0
    (words,) = described(Inputs(features=features), np.array([3]), [f"c{k}" for k in range(20)]) or ()
    assert "c11 = 7" in words
    assert len(words.split(", ")) == 8
    assert described(Inputs(votes=np.zeros((2, 3), dtype=int)), np.array([0]), []) is None


@pytest.mark.parametrize("width", [0, 1, 5])
def test_the_map_has_two_dimensions_whatever_the_representation(width: int) -> None:
    pool = ordered()
    strong = np.random.default_rng(0).normal(size=(len(pool.partition), width))
    frame = point_map(replace(pool, evidence=replace(pool.evidence, strong=strong)), "pca")
    assert np.isfinite(frame[["x", "y"]].to_numpy()).all()
    assert len(frame) == len(pool.partition)


def test_umap_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "umap", None)
    with pytest.raises(ConfigError, match=r"report\.projection=umap"):
        point_map(ordered(), "umap")


def test_umap_lays_the_points_out() -> None:
    pytest.importorskip("umap")
    pool = prepared(easy=20, hard=20, overlap=20)
    frame = point_map(with_regions(pool, pool.partition.regions), "umap")
    assert np.isfinite(frame[["x", "y"]].to_numpy()).all()


def test_pictures_are_kept_small_and_test_points_with_their_truth() -> None:
    pool = ordered()
    assert pool.student is not None
    image = grey_picture("a", np.zeros((8, 8)))
    pictures = Inputs(images=(image,) * len(pool.splits.test))
    own = Inputs(images=(image,) * len(pool.splits.pool))
    splits = replace(
        pool.splits, test=replace(pool.splits.test, inputs=pictures), pool=replace(pool.splits.pool, inputs=own)
    )
    vars(other := replace(pool, splits=splits))["student"] = pool.student
    frame = example_points(other, 2)
    assert frame["shown"].str.startswith("data:image/png;base64,").all()
    of_test = frame["id"].isin(pool.splits.test.ids)
    assert frame.loc[~of_test, "truth"].isna().all() if "truth" in frame else True
    for row in frame[of_test].itertuples():
        right = {"weak": row.weak == row.truth, "student": row.student == row.truth}
        expected = {"mended": (False, True), "repeated": (False, False), "new error": (True, False)}[row.kind]
        assert (right["weak"], right["student"]) == expected
