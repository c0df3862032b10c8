"""The embedded movie reviews."""

from __future__ import annotations

import numpy as np

from w2s.dataset.files.formats import read
from w2s.dataset.movie_reviews import FILE, STEP, MovieReviews


def test_every_review_is_used_once_with_its_own_rating_text_and_vector() -> None:
    table = read(FILE).to_pandas().set_index("id")
    splits = MovieReviews().load(0)
    parts = (splits.weak_train, splits.pool, splits.validation, splits.test)
    assert [len(part) for part in parts] == [3500, 3500, 400, 2670]
    seen = []
    for part in parts:
        rows = [int(name.removeprefix("review-")) for name in part.ids]
        seen += rows
        assert part.inputs.texts == tuple(table.loc[rows, "text"])
        np.testing.assert_array_equal(part.inputs.features, STEP * np.stack(table.loc[rows, "vector"]))
        np.testing.assert_array_equal(part.labels.open("test"), table.loc[rows, "rating"] > 0)
    assert len(set(seen)) == len(table) == 10_070
    assert splits.notes == ()


def test_no_review_is_undecided_and_texts_stand_once() -> None:
    table = read(FILE).to_pandas()
    assert table["rating"].abs().between(0.5, 4).all()
    assert table["text"].is_unique
    assert 0.45 < (table["rating"] > 0).mean() < 0.55


def test_the_published_licence_stands_beside_the_texts() -> None:
    licence = FILE.with_name("LICENSE").read_text()
    assert "MIT" in licence
    assert "C.J. Hutto" in licence
