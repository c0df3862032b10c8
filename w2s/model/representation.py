"""Representations of feature rows and texts that need no checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from w2s.errors import DataError, ModelError, require
from w2s.types import Column, FloatArray, Inputs, Picture
from w2s.utils.ranges import Count, Width, checked

if TYPE_CHECKING:
    from scipy.sparse import spmatrix
    from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class Raw:
    """The data set's own features, unchanged."""

    reads: ClassVar[Column] = "features"

    def fit(self, inputs: Inputs) -> Raw:
        """Nothing to fit."""
        features_of(inputs)
        return self

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d) the features."""
        return features_of(inputs)


@dataclass(frozen=True, kw_only=True)
@checked
class Columns:
    """A view of some features: columns `start` to `stop`, the latter not included; None leaves that end open."""

    reads: ClassVar[Column] = "features"

    start: int | None = None
    stop: int | None = None

    def fit(self, inputs: Inputs) -> Columns:
        """Check that the view holds at least one column."""
        if self.encode(inputs).shape[1] == 0:
            raise ModelError(
                f"columns {self.start}:{self.stop} of {features_of(inputs).shape[1]} features: the view is empty."
            )
        return self

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, e) the columns."""
        return features_of(inputs)[:, self.start : self.stop]


@dataclass(frozen=True, kw_only=True)
@checked
class TopRows:
    """The top rows of an image whose pixels are the features, row by row."""

    reads: ClassVar[Column] = "features"

    rows: Count
    """Rows seen."""
    width: Count
    """Pixels in a row."""

    def fit(self, inputs: Inputs) -> TopRows:
        """Check that the features can be rows of this width."""
        d = features_of(inputs).shape[1]
        if d % self.width or d < self.rows * self.width:
            raise ModelError(f"{self.rows} rows of {self.width} pixels asked for, but the data has {d} features a point.")
        return self

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, rows * width) the pixels."""
        return features_of(inputs)[:, : self.rows * self.width]


@dataclass(frozen=True, kw_only=True)
@checked
class TfidfSvd:
    """TF-IDF of word unigrams and bigrams, then a truncated SVD: what a weak reader gets out of a text."""

    reads: ClassVar[Column] = "texts"

    components: Width = 50
    """Dimensions e kept; fewer where the vocabulary or the data is smaller."""
    max_vocabulary: Count = 20_000
    """Most frequent terms kept."""

    def fit(self, inputs: Inputs) -> FittedTfidf:
        """Learn vocabulary, weights and components from the texts; labels play no part.

        Raises:
            DataError: the texts hold fewer than two different words.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(ngram_range=(1, 2), max_features=self.max_vocabulary, sublinear_tf=True)
        texts = texts_of(inputs)
        counts = fit_vocabulary(vectorizer, texts)
        require(
            counts.shape[1] > 1, f"The {len(texts)} texts hold a single word: an SVD has nothing to tell apart.", DataError
        )
        svd = TruncatedSVD(max(1, min(self.components, min(counts.shape) - 1)), random_state=0).fit(counts)
        return FittedTfidf.of(vectorizer, svd.components_)


@dataclass(frozen=True, kw_only=True)
@checked
class Tfidf:
    """TF-IDF of the most frequent words, one feature a word: a network can learn labels by heart in them."""

    reads: ClassVar[Column] = "texts"

    max_vocabulary: Count = 1_000
    """Most frequent words kept, d; fewer where the texts hold fewer."""

    def fit(self, inputs: Inputs) -> FittedTfidf:
        """Learn vocabulary and weights from the texts; labels play no part.

        Raises:
            DataError: the texts hold no word.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(max_features=self.max_vocabulary)
        fit_vocabulary(vectorizer, texts_of(inputs))
        return FittedTfidf.of(vectorizer)


def fit_vocabulary(vectorizer: TfidfVectorizer, texts: tuple[str, ...]) -> spmatrix:
    """(n, vocabulary) sparse weights of the texts that the vectorizer learns from.

    Raises:
        DataError: the texts hold no word.
    """
    try:
        weights: spmatrix = vectorizer.fit_transform(texts)
    except ValueError as error:
        raise DataError(f"The {len(texts)} texts hold no word of two letters: TF-IDF has nothing to count.") from error
    return weights


@dataclass(frozen=True)
class FittedTfidf:
    """Weights of known terms, projected where there are components. Depends on its texts, so never stored as pure."""

    vocabulary: tuple[str, ...]
    """Term of each of the v columns."""
    idf: FloatArray
    """(v,) inverse document frequency of each term."""
    longest: int
    """Words in the longest terms."""
    sublinear: bool
    """Whether a count c enters as 1 + log(c)."""
    components: FloatArray | None = None
    """(e, v) directions of the truncated SVD."""

    @staticmethod
    def of(vectorizer: TfidfVectorizer, components: FloatArray | None = None) -> FittedTfidf:
        """What a fitted vectorizer has learnt."""
        terms = tuple(vectorizer.get_feature_names_out().tolist())
        return FittedTfidf(terms, vectorizer.idf_, vectorizer.ngram_range[1], vectorizer.sublinear_tf, components)

    @cached_property
    def vectorizer(self) -> TfidfVectorizer:
        """Splits texts into the known terms and weighs them."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        made = TfidfVectorizer(ngram_range=(1, self.longest), sublinear_tf=self.sublinear, vocabulary=self.vocabulary)
        made.idf_ = self.idf
        return made

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, v) weights of the terms, or (n, e) their projections."""
        weights = self.vectorizer.transform(texts_of(inputs))
        dense = weights.toarray() if self.components is None else weights @ self.components.T
        return np.asarray(dense, dtype=np.float64)


def features_of(inputs: Inputs) -> FloatArray:
    """(n, d) the inputs' features.

    Raises:
        ModelError: the data has texts or votes only.
    """
    if inputs.features is None:
        raise ModelError(
            "This model reads feature columns, but the data set has none.\n"
            "Choose a model that reads texts, for example model=minilm, or name feature columns in the data set."
        )
    return inputs.features


def texts_of(inputs: Inputs) -> tuple[str, ...]:
    """The inputs' n texts.

    Raises:
        ModelError: the data has no texts.
    """
    if inputs.texts is None:
        raise ModelError(
            "This model reads texts, but the data set has none.\n"
            "Choose a model that reads features, for example model=columns, or name a text column in the data set."
        )
    return inputs.texts


def images_of(inputs: Inputs) -> tuple[Picture, ...]:
    """The inputs' n pictures.

    Raises:
        ModelError: the data has no pictures.
    """
    if inputs.images is None:
        raise ModelError(
            "This model reads pictures, but the data set has none.\n"
            "Choose a model that reads texts or features, or data with pictures: dataset=images dataset.path=FOLDER."
        )
    return inputs.images
