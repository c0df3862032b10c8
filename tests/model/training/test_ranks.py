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
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.finetuning.fitted_network import FittedNetwork
from w2s.model.training.ranks import Ranks, together
from w2s.model.training.state import PLACES, Progress
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


@pytest.mark.slow
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
    same_fit(one, two)
    assert not list(tmp_path.rglob("meeting")) + list(tmp_path.rglob("progress*"))


def same_fit(one: FittedNetwork, two: FittedNetwork) -> None:
    np.testing.assert_allclose(two.history.steps[:, :4], one.history.steps[:, :4], atol=1e-5)
    np.testing.assert_allclose(two.history.evaluations, one.history.evaluations, atol=1e-5)
    assert set(two.encoder.weights) == set(one.encoder.weights)
    for name, value in one.encoder.weights.items():
        np.testing.assert_allclose(two.encoder.weights[name], value, atol=1e-4, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("train", ["adapters", "all"])
def test_a_network_spread_over_two_processes_learns_the_same(tmp_path: Path, train: str) -> None:
    """A state is gathered and written after every step, and the last part of a step is one process's alone."""
    recipe = {"epochs": 1, "keep": "best", "micro_tokens": 30, "minutes_between_saves": 0.0}
    one = fitted(tmp_path, 1, train, LogConfidence(), **recipe)
    two = fitted(tmp_path, 2, train, LogConfidence(), sharded=True, **recipe)
    same_fit(one, two)


@pytest.mark.slow
def test_a_spread_network_is_taken_up_from_the_state_that_one_process_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = {"epochs": 2, "micro_tokens": 30, "minutes_between_saves": 0.0}
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "clear", lambda self: None)
        one = fitted(tmp_path, 1, "all", CrossEntropy(), **recipe)
    for name in ("fit", max(PLACES, key=lambda place: next(tmp_path.rglob(f"{place}.json")).stat().st_mtime_ns)):
        for path in tmp_path.rglob(f"{name}.*"):
            path.unlink()
    (tmp_path / "1").rename(tmp_path / "2")
    with caplog.at_level(logging.INFO):
        same_fit(one, fitted(tmp_path, 2, "all", CrossEntropy(), sharded=True, **recipe))
    assert "taken up after step 9" in caplog.text


def fails(ranks: Ranks, device: str) -> None:
    assert device == "cpu"
    if not ranks.first:
        raise ModelError("this one is gone")
    ranks.agreed(lambda: True)
    raise AssertionError("the first process was not told")


@pytest.mark.slow
def test_a_process_that_ends_is_one_line_and_no_wait(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="A process of the training is gone"):
        together(fails, ["cpu"], 2, tmp_path)


def test_alone_nothing_is_shared() -> None:
    parts = [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert Ranks().own(parts) == [(part, True) for part in parts]
    assert Ranks(1, 2).own(parts) == [(parts[1], True)]
    assert Ranks(1, 2, spread=True).own(parts) == [(parts[1], True), (parts[0], False)]
    assert Ranks().agreed(lambda: False) is False
