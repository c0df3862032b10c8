"""Representations that need no checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.errors import DataError
from w2s.model import Tfidf, TfidfSvd
from w2s.types import Inputs

TEXTS = Inputs(texts=("cat cat dog", "cat", "bird dog", "bird bird"))


def test_tfidf_weights_of_a_text_are_its_words_alone():
    encoded = Tfidf().fit(TEXTS).encode(TEXTS)
    # columns in alphabetical order: bird, cat, dog; each is in two of four texts, so all have the same weight
    expected = np.array([[0, 2, 1], [0, 1, 0], [1, 0, 1], [2, 0, 0]])
    np.testing.assert_allclose(encoded, expected / np.linalg.norm(expected, axis=1, keepdims=True))


def test_the_most_frequent_words_are_kept():
    assert Tfidf(max_vocabulary=2).fit(TEXTS).encode(TEXTS).shape == (4, 2)


@pytest.mark.parametrize("choice", [Tfidf(), TfidfSvd()])
def test_texts_without_a_word_are_refused(choice):
    with pytest.raises(DataError, match="no word of two letters"):
        choice.fit(Inputs(texts=("!", "?")))
