"""How sure somebody is who names a class and nothing more: an annotator, a column of predictions, votes that all agree.

Estimated as confident learning does (C. Northcutt, L. Jiang & I. Chuang, JAIR 70, 2021): a linear model of what a weak
reader sees, the terms of a text, the shrunken pixels of a picture or the feature columns, learns the classes that were
named, and the probability that it gives the class of a point it was not trained on is that point's *self-confidence*. No
true label plays a part. Labels that contradict similar points come out unsure, and are wrong more often.

Each point belongs to one of `FOLDS` parts by a hash of its own content, and is read by the model that was trained without
that part. So equal points are never on both sides, and a point that comes later, whatever others, gets the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2s.errors import DataError
from w2s.model.representation import FittedTfidf, features_of, fit_vocabulary
from w2s.model.scaler import Scaler
from w2s.model.training_targets import class_count
from w2s.protocols import Encoder, Fitted, Learner
from w2s.statistics.accuracy import confidence, predicted
from w2s.types import FloatArray, Inputs, IntArray, LabelledInputs
from w2s.utils.image_decoding import decoded
from w2s.utils.numerics import softmax, steady

FOLDS = 5
MOST = 100_000
"""Points that the models learn from, evenly spaced among those there are."""
SIDE = 16
"""Pixels of a picture that is read, in width and height."""
TERMS = 20_000
"""Most frequent words and pairs of words that are read."""
STEPS = 1_000
"""Of the solver, at most."""
LEVELS = 2
"""Different confidences within a class from which no region can be made."""
TIE = 1e-9


def says_classes_alone(probabilities: FloatArray, levels: int = LEVELS) -> bool:
    """Whether confidences hardly tell points of a class apart: at most `levels` values in each class of (n, C)."""
    classes, sure = predicted(probabilities), np.round(confidence(probabilities), 9)
    return all(len(np.unique(sure[classes == k])) <= levels for k in np.unique(classes))


@dataclass(frozen=True)
class Reader:
    """One linear model for each part of the points, trained on the others."""

    seen: FittedTfidf | Scaler
    """What is read: the terms of texts, projected on the (FOLDS * C, v) weights, or the d feature columns or pixels."""
    weights: FloatArray | None
    """(FOLDS * C, d) of columns or pixels; None where `seen` holds them."""
    bias: FloatArray
    """(FOLDS * C,); minus infinity for a class that a model was never shown."""

    @staticmethod
    def fit(inputs: Inputs, classes: IntArray, n_classes: int) -> Reader | None:
        """Learn the `classes` (n,) that were named of n inputs; None where nothing can be read, or one class is named."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        chosen = np.unique(np.linspace(0, len(inputs) - 1, min(MOST, len(inputs))).astype(int))
        inputs, classes = inputs.take(chosen), classes[chosen]
        if len(np.unique(classes)) < 2 or not set(inputs.columns) & {"texts", "images", "features"}:
            return None
        part = parts_of(inputs)
        if inputs.texts is not None:
            vectorizer = TfidfVectorizer(ngram_range=(1, 2), max_features=TERMS, sublinear_tf=True)
            with suppress(DataError):
                rows = fit_vocabulary(vectorizer, inputs.texts)
                weights, bias = _fitted(rows, classes, part, n_classes)
                return Reader(FittedTfidf.of(vectorizer, weights), None, bias)
        if inputs.features is not None or inputs.images is not None:
            columns = _columns(inputs)
            scaler = Scaler.of(columns)
            weights, bias = _fitted(scaler(columns), classes, part, n_classes)
            return Reader(scaler, weights, bias)
        return None

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities, each point's by the model that was trained without its part."""
        if isinstance(self.seen, FittedTfidf):
            logits = self.seen.encode(inputs)
        else:
            weights, columns = self.weights, _columns(inputs)
            assert weights is not None, "feature columns are read"
            logits = steady(lambda rows: rows @ weights.T, self.seen(columns))
        found = (logits + self.bias).reshape(len(inputs), FOLDS, -1)
        return softmax(found[np.arange(len(inputs)), parts_of(inputs)])

    @property
    def what(self) -> str:
        """What is read, in words."""
        return "the words of the texts" if isinstance(self.seen, FittedTfidf) else "the pixels or feature columns"


def _columns(inputs: Inputs) -> FloatArray:
    """(n, d) pixels of pictures, 3 * SIDE^2 in [0, 1], or else the feature columns."""
    from PIL.Image import Resampling

    if inputs.images is None:
        return features_of(inputs)
    small = (decoded(picture).resize((SIDE, SIDE), Resampling.BOX) for picture in inputs.images)
    return np.stack([np.asarray(image, dtype=np.float64).reshape(-1) / 255 for image in small])


def parts_of(inputs: Inputs) -> IntArray:
    """(n,) in {0 ... FOLDS - 1}, by the content of each point's text, picture or feature row."""
    return np.array([digest % FOLDS for digest in _digests(inputs)], dtype=np.int64)


def _digests(inputs: Inputs) -> Iterator[int]:
    if inputs.texts is not None:
        rows: Any = (text.encode("utf-8", "surrogatepass") for text in inputs.texts)
    elif inputs.images is not None:
        rows = (picture.sha256 for picture in inputs.images)
    else:
        rows = map(memoryview, np.ascontiguousarray(inputs.features, dtype=np.float64))
    return (int.from_bytes(hashlib.blake2b(row, digest_size=8).digest(), "little") for row in rows)


def _fitted(rows: Any, classes: IntArray, part: IntArray, n_classes: int) -> tuple[FloatArray, FloatArray]:
    """Weights (FOLDS * C, v) and bias (FOLDS * C,) of the models of (n, v) rows."""
    from sklearn.linear_model import LogisticRegression

    weights, bias = np.zeros((FOLDS, n_classes, rows.shape[1])), np.full((FOLDS, n_classes), -np.inf)
    for fold in range(FOLDS):
        train = np.flatnonzero(part != fold)
        present = np.unique(classes[train])
        bias[fold, present] = 0.0
        if len(present) > 1:
            model = LogisticRegression(max_iter=STEPS).fit(rows[train], classes[train])
            shown = present[1:] if len(present) == 2 else present  # with two classes the first has the logit 0
            weights[fold, shown], bias[fold, shown] = model.coef_, model.intercept_
    return weights.reshape(FOLDS * n_classes, -1), bias.reshape(-1)


@dataclass(frozen=True)
class ReadBeside:
    """What an encoder of opinions says of a point, and beside it the probabilities of the reader."""

    opinions: Encoder
    reader: Reader

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, e + C)."""
        return np.concatenate([self.opinions.encode(inputs), self.reader.predict(inputs)], axis=1)


@dataclass(frozen=True)
class Estimating:
    """A learner of opinions, whose confidence is estimated; reads what `ReadBeside` encodes."""

    of: Learner
    weighs: bool = False
    """Whether the opinions have two confidences in a class, as two or three who agree in that class or do not."""

    def fit(
        self,
        inputs: Inputs,
        targets: IntArray | FloatArray,
        weights: FloatArray | None = None,
        validation: LabelledInputs | None = None,
    ) -> FittedEstimate:
        """As the learner does."""
        n_classes = class_count(targets)
        fitted = self.of.fit(_split(inputs, n_classes)[0], targets, weights, validation)
        return FittedEstimate(fitted, n_classes, self.weighs)


@dataclass(frozen=True)
class FittedEstimate:
    """p = (opinion + reader) / 2, a linear opinion pool of the class that was named, with probability 1, and the reader.

    The class stays the one that was named, and with two classes the confidence is the reader's probability of it. Where
    nothing was said, or votes are tied, the opinion is its probabilities as they are. Opinions with two confidences in a
    class are taken for independent of the reader, whose probabilities are multiplied by theirs: three annotators who agree
    say more than two of three.
    """

    of: Fitted
    n_classes: int
    weighs: bool = False

    def predict(self, inputs: Inputs) -> FloatArray:
        """(n, C) probabilities; rows sum to 1."""
        opinions, read = _split(inputs, self.n_classes)
        said = self.of.predict(opinions)
        if self.weighs:
            read = said * read / np.sum(said * read, axis=1, keepdims=True)
        named = features_of(opinions).any(axis=1) & (confidence(said) > TIE)
        return (np.where(named[:, None], np.eye(self.n_classes)[predicted(said)], said) + read) / 2

    def represent(self, inputs: Inputs) -> FloatArray:
        """(n, e + C) opinions and the reader's probabilities."""
        return features_of(inputs)


def _split(inputs: Inputs, n_classes: int) -> tuple[Inputs, FloatArray]:
    """The points as the learner of opinions reads them, and (n, C) of the reader."""
    features = features_of(inputs)
    return inputs.with_features(features[:, :-n_classes]), features[:, -n_classes:]
