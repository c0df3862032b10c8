from typing import Any

import numpy as np
import pytest

from w2s.errors import ConfigError, DataError, ModelError
from w2s.model.products import Quadratic
from w2s.model.representation import Columns, Raw, Tfidf, TfidfSvd, TopRows
from w2s.model.votes import Votes
from w2s.protocols import ReadsColumn
from w2s.types import Inputs


def rows(n: int = 30, d: int = 12, seed: int = 0) -> Inputs:
    return Inputs(features=np.random.default_rng(seed).normal(size=(n, d)))


TEXTS = ("red apple", "green apple", "red wine", "white wine", "green tea", "white tea")


def test_raw_features_are_left_as_they_are() -> None:
    inputs = rows()
    assert Raw().fit(inputs).encode(inputs) is inputs.features


@pytest.mark.parametrize(
    ("start", "stop", "expected"), [(None, 3, [0, 1, 2]), (9, None, [9, 10, 11]), (-2, None, [10, 11]), (2, 5, [2, 3, 4])]
)
def test_columns_are_a_slice_of_the_features(start: int | None, stop: int | None, expected: list[int]) -> None:
    inputs = rows()
    assert np.array_equal(Columns(start=start, stop=stop).fit(inputs).encode(inputs), inputs.features[:, expected])


def test_an_empty_view_is_refused_and_says_how_many_features_there_are() -> None:
    with pytest.raises(ModelError, match="12:None of 12 features"):
        Columns(start=12).fit(rows())


def test_top_rows_are_the_first_pixels_of_an_image() -> None:
    inputs = rows(d=12)
    assert np.array_equal(TopRows(rows=2, width=3).fit(inputs).encode(inputs), inputs.features[:, :6])


@pytest.mark.parametrize(
    ("n_rows", "width"), [(5, 3), (1, 5)], ids=["more rows than there are", "a width that does not fit"]
)
def test_features_that_are_no_image_of_this_width_are_refused(n_rows: int, width: int) -> None:
    with pytest.raises(ModelError, match="12 features a point"):
        TopRows(rows=n_rows, width=width).fit(rows(d=12))


@pytest.mark.parametrize(
    ("kind", "arguments", "name"),
    [
        (TopRows, {"rows": 0, "width": 8}, "rows=0"),
        (Quadratic, {"components": 0}, "components=0"),
        (TfidfSvd, {"components": 0}, "components=0"),
        (TfidfSvd, {"max_vocabulary": 0}, "max_vocabulary=0"),
    ],
)
def test_arguments_below_one_are_refused_by_name(kind: type, arguments: dict[str, int], name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        kind(**arguments)


def test_quadratic_features_are_principal_components_and_all_their_products() -> None:
    """Components by the singular value decomposition of the centred points, products written out."""
    inputs = rows(n=40, d=5)
    encoded = Quadratic(components=2).fit(inputs).encode(inputs)
    centred = inputs.features - inputs.features.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    a, b = (centred @ directions[:2].T).T
    assert encoded.shape == (40, 2 + 3)
    np.testing.assert_allclose(np.abs(encoded[:, :2]), np.abs(np.column_stack([a, b])), atol=1e-10)
    a, b = encoded[:, :2].T  # the sign of a component is free
    np.testing.assert_allclose(encoded[:, 2:], np.column_stack([a * a, a * b, b * b]), atol=1e-10)


def test_components_are_those_of_the_points_fitted_on() -> None:
    encoder = Quadratic(components=2).fit(rows())
    new = rows(seed=1)
    whole, alone = encoder.encode(new), encoder.encode(new.take(np.array([4])))
    np.testing.assert_allclose(alone[0], whole[4])


def test_fewer_points_than_components_give_as_many_as_there_are() -> None:
    assert Quadratic(components=24).fit(rows(n=3, d=12)).encode(rows()).shape == (30, 3 + 6)
    assert Quadratic(components=24).fit(rows(n=30, d=2)).encode(rows(d=2)).shape == (30, 2 + 3)


def test_tfidf_weights_of_a_text_are_its_words_alone() -> None:
    inputs = Inputs(texts=("cat cat dog", "cat", "bird dog", "bird bird"))
    encoded = Tfidf().fit(inputs).encode(inputs)
    # columns in alphabetical order: bird, cat, dog; each is in two of four texts, so all have the same weight
    expected = np.array([[0, 2, 1], [0, 1, 0], [1, 0, 1], [2, 0, 0]])
    np.testing.assert_allclose(encoded, expected / np.linalg.norm(expected, axis=1, keepdims=True))


def test_the_most_frequent_words_are_kept() -> None:
    inputs = Inputs(texts=("cat cat dog", "cat", "bird dog", "bird bird"))
    assert Tfidf(max_vocabulary=2).fit(inputs).encode(inputs).shape == (4, 2)


def test_texts_become_the_leading_components_of_their_weighted_words() -> None:
    """Worked by hand. A word stands in 2 of 6 texts, idf ln(7/3) + 1 = 1.847; a pair of words in one, ln(7/2) + 1 = 2.253.

    Two texts that share a word have the cosine 1.847^2 / (2 * 1.847^2 + 2.253^2) = .2868, and the texts form a ring of
    six; its smallest eigenvalue, 1 - 2 * .2868, belongs to alternating signs and is the component that is dropped.
    """
    inputs = Inputs(texts=TEXTS)
    encoded = TfidfSvd(components=5).fit(inputs).encode(inputs)
    ring = [0, 1, 4, 5, 3, 2]
    word, pair = np.log(7 / 3) + 1, np.log(7 / 2) + 1
    shared = word**2 / (2 * word**2 + pair**2)
    expected = np.eye(6)
    for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
        expected[here, there] = expected[there, here] = shared
    signs = np.zeros(6)
    signs[ring] = [1, -1, 1, -1, 1, -1]
    expected -= (1 - 2 * shared) * np.outer(signs, signs) / 6
    np.testing.assert_allclose(encoded @ encoded.T, expected, atol=1e-6)
    assert np.array_equal(encoded, TfidfSvd(components=5).fit(inputs).encode(inputs))


@pytest.mark.parametrize(("texts", "d"), [(("one two", "two"), 1), (("one two", "three four", "five six"), 2)])
def test_a_small_vocabulary_or_few_texts_give_fewer_components(texts: tuple[str, ...], d: int) -> None:
    inputs = Inputs(texts=texts)
    assert TfidfSvd(components=50).fit(inputs).encode(inputs).shape == (len(texts), d)


def test_unknown_words_and_empty_texts_are_at_the_origin() -> None:
    encoder = TfidfSvd(components=3).fit(Inputs(texts=TEXTS))
    assert np.allclose(encoder.encode(Inputs(texts=("blue cheese", ""))), 0)


@pytest.mark.parametrize(("texts", "words"), [(("", "!"), "hold no word"), (("one", "one"), "hold a single word")])
def test_texts_without_two_words_to_tell_apart_are_refused(texts: tuple[str, ...], words: str) -> None:
    with pytest.raises(DataError, match=f"2 texts {words}"):
        TfidfSvd().fit(Inputs(texts=texts))


def test_texts_without_any_word_are_refused_by_the_plain_weights_too() -> None:
    with pytest.raises(DataError, match="2 texts hold no word"):
        Tfidf().fit(Inputs(texts=("!", "?")))


@pytest.mark.parametrize("representation", [Raw(), Columns(stop=2), TopRows(rows=1, width=1), Quadratic(components=1)])
def test_a_reader_of_features_says_what_to_choose_for_texts(representation: Raw) -> None:
    with pytest.raises(ModelError, match="model=minilm"):
        representation.fit(Inputs(texts=TEXTS))


def test_a_reader_of_texts_says_what_to_choose_for_features() -> None:
    with pytest.raises(ModelError, match="model="):
        TfidfSvd().fit(rows())


@pytest.mark.parametrize(
    "kind", [Raw, Columns, lambda: TopRows(rows=1, width=1), lambda: Quadratic(components=2), TfidfSvd, Tfidf, Votes]
)
def test_without_the_column_that_it_reads_a_representation_refuses(kind: Any) -> None:
    columns = {
        "features": np.eye(4),
        "texts": ("red apple", "red wine", "green tea", "white"),
        "votes": np.eye(4, dtype=int),
    }
    part = kind()
    assert isinstance(part, ReadsColumn)
    part.fit(Inputs(**columns))
    with pytest.raises(ModelError):
        part.fit(Inputs(**{name: None if name == part.reads else column for name, column in columns.items()}))
