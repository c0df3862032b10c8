"""Confidence of those who name a class and nothing more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from w2s.model import Given
from w2s.model.model import FittedModel
from w2s.model.self_confidence import Estimating, ReadBeside, Reader, parts_of, says_classes_alone
from w2s.statistics.accuracy import auc, confidence
from w2s.types import FloatArray, Inputs, IntArray
from w2s.utils.image_decoding import grey_picture

WORDS = ("dull", "fine", "great")


def points(n: int = 600, n_classes: int = 2, *, kind: str = "features", seed: int = 0) -> tuple[Inputs, IntArray, IntArray]:
    """Points of which a fifth are named wrongly: inputs, true classes, named classes."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, n_classes, n)
    named = np.where(draw.random(n) < 0.2, (truth + 1) % n_classes, truth)
    read: dict[str, Any] = {
        "features": lambda: np.eye(n_classes)[truth] + 0.5 * draw.normal(size=(n, n_classes)),
        "texts": lambda: tuple(f"{WORDS[k]} number{i % 9}" for i, k in enumerate(truth)),
        "images": lambda: tuple(
            grey_picture(f"{i}", draw.integers(80 * k, 80 * k + 90, (8, 8))) for i, k in enumerate(truth)
        ),
    }
    return Inputs(**{kind: read[kind]()}, predictions=np.eye(n_classes)[named]), truth, named


def estimated(inputs: Inputs, named: IntArray, n_classes: int) -> tuple[FittedModel, Reader]:
    reader = Reader.fit(inputs, named, n_classes)
    assert reader is not None
    given = Given(column="says")
    encoder = ReadBeside(given.representation.fit(inputs), reader)
    learner = Estimating(given.learner)
    return FittedModel(encoder, learner.fit(inputs.with_features(encoder.encode(inputs)), np.eye(n_classes)[named])), reader


@pytest.mark.parametrize("kind", ["features", "texts", "images"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_class_stays_and_wrong_ones_are_less_sure(n_classes: int, kind: str) -> None:
    inputs, truth, named = points(n_classes=n_classes, kind=kind)
    model, reader = estimated(inputs, named, n_classes)
    answers = model.predict(inputs)
    assert answers.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(answers.argmax(axis=1), named)
    if n_classes == 2:
        assert confidence(answers) == pytest.approx(reader.predict(inputs)[np.arange(len(named)), named])
    area = auc(confidence(answers), named == truth)
    assert area is not None
    assert area > 0.85


def test_a_point_has_the_same_bits_alone_and_is_never_read_by_a_model_that_knew_it() -> None:
    inputs, _, named = points()
    model, reader = estimated(inputs, named, 2)
    few = inputs.take(np.array([5, 17, 300]))
    assert np.array_equal(model.predict(few), model.predict(inputs)[[5, 17, 300]])
    part = parts_of(inputs)
    changed = np.where(part == part[5], 1 - named, named)  # labels of its own part do not matter to a point
    again = Reader.fit(inputs, changed, 2)
    assert again is not None
    assert np.array_equal(again.predict(inputs)[part == part[5]], reader.predict(inputs)[part == part[5]])


def test_equal_texts_share_a_part() -> None:
    part = parts_of(Inputs(texts=("a b", "c d", "a b")))
    assert part[0] == part[2]


def test_silence_is_the_reader_between_it_and_the_class_shares() -> None:
    inputs, _, named = points()
    model, reader = estimated(inputs, named, 2)
    silent = Inputs(features=inputs.features, predictions=np.zeros((len(named), 2)))
    shares = np.bincount(named) / len(named)
    assert model.predict(silent) == pytest.approx((shares + reader.predict(inputs)) / 2)


def test_nothing_to_read_or_one_class_is_no_reader() -> None:
    inputs, _, named = points()
    assert Reader.fit(inputs, np.zeros_like(named), 2) is None
    assert Reader.fit(Inputs(predictions=inputs.predictions), named, 2) is None
    assert Reader.fit(Inputs(texts=("1", "2")), np.array([0, 1]), 2) is None


@pytest.mark.parametrize(
    ("answers", "alone"),
    [
        ([[0.8, 0.2], [0.8, 0.2], [0.1, 0.9]], True),
        ([[0.8, 0.2], [0.5, 0.5], [0.1, 0.9]], True),
        ([[0.8, 0.2], [0.7, 0.3], [0.9, 0.1]], False),
    ],
)
def test_few_confidences_in_each_class_are_classes_alone(answers: FloatArray, alone: bool) -> None:
    assert says_classes_alone(np.array(answers)) is alone
