"""One fit in two processes is the fit of one process."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.model.finetuning.conftest import learner
from w2s.errors import ModelError
from w2s.loss import CrossEntropy
from w2s.loss.self_training import LogConfidence
from w2s.model.encoder import FrozenEncoder
from w2s.model.encoder.tiny import TinyCheckpoint
from w2s.model.finetuning.fitted import FittedNetwork
from w2s.model.training.ranks import Ranks, together
from w2s.store import Store
from w2s.types import Inputs, LabelledInputs

WORDS = np.array(["red", "green", "apple", "wine", "tea", "white", "sea", "good", "bad"])


def texts(n: int = 50) -> Inputs:
    draw = np.random.default_rng(0)
    return Inputs(texts=tuple(" ".join(draw.choice(WORDS, size=draw.integers(2, 12))) for _ in range(n)))


def fitted(folder: Path, workers: int, train: str, loss: object, **recipe: object) -> FittedNetwork:
    store = Store(str(folder / str(workers)))
    encoder = FrozenEncoder(checkpoint=TinyCheckpoint(), store=store, max_tokens=32, workers=workers)
    labels = np.array([int("apple" in text) for text in texts().texts or ()])
    watched = LabelledInputs(texts(20), np.eye(2)[labels[:20]])
    made = replace(learner(train, dropout=False, batch=12, **recipe).on(encoder), loss=loss)
    return made.fit(texts(), labels, validation=watched)


@pytest.mark.parametrize(
    ("train", "loss", "recipe"),
    [
        ("adapters", CrossEntropy(), {"epochs": 3, "keep": "best", "patience": 1}),
        ("all", LogConfidence(), {"epochs": 1, "micro_tokens": 40}),
    ],
)
def test_two_processes_train_what_one_does(
    tmp_path: Path, train: str, loss: object, recipe: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        one, two = (fitted(tmp_path, workers, train, loss, **recipe) for workers in (1, 2))
    np.testing.assert_allclose(two.history.steps[:, :4], one.history.steps[:, :4], atol=1e-5)
    np.testing.assert_allclose(two.history.evaluations, one.history.evaluations, atol=1e-5)
    assert set(two.encoder.weights) == set(one.encoder.weights)
    for name, value in one.encoder.weights.items():
        np.testing.assert_allclose(two.encoder.weights[name], value, atol=1e-4, err_msg=name)
    assert not list(tmp_path.rglob("meeting")) + list(tmp_path.rglob("progress*"))


def fails(ranks: Ranks, device: str) -> None:
    assert device == "cpu"
    if not ranks.first:
        raise ModelError("this one is gone")
    ranks.agreed(lambda: True)
    raise AssertionError("the first process was not told")


def test_a_process_that_ends_is_one_line_and_no_wait(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="A process of the training is gone"):
        together(fails, ["cpu"], 2, tmp_path)


def test_alone_nothing_is_shared() -> None:
    assert Ranks().own([slice(0, 1), slice(1, 2)]) == [slice(0, 1), slice(1, 2)]
    assert Ranks(1, 2).own([slice(0, 1), slice(1, 2), slice(2, 3)]) == [slice(1, 2)]
    assert Ranks().agreed(lambda: False) is False
