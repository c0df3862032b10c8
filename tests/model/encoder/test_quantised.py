"""Weights of 8 and 4 bits: near those they stand for, with a key of their own, and trained beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.model.finetuning.conftest import WORDS, learner
from w2s.errors import ConfigError
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.types import Inputs


def encoder(store: Path, dtype: str) -> FrozenEncoder:
    return FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(str(store)), max_tokens=32, dtype=dtype)  # type: ignore[arg-type]


def some(n: int) -> Inputs:
    draw = np.random.default_rng(0)
    return Inputs(texts=tuple(" ".join(draw.choice(WORDS, size=draw.integers(2, 12))) for _ in range(n)))


@pytest.mark.parametrize(("dtype", "least"), [("int8", 0.999), ("nf4", 0.95)])
def test_quantised_vectors_are_near_and_not_taken_for_the_others(tmp_path: Path, dtype: str, least: float) -> None:
    pytest.importorskip("bitsandbytes")
    texts = some(40)
    whole, quantised = (encoder(tmp_path, each).encode(texts) for each in ("float32", dtype))
    cosine = np.sum(whole * quantised, axis=1) / np.linalg.norm(whole, axis=1) / np.linalg.norm(quantised, axis=1)
    assert least < cosine.mean() < 1 - 1e-7
    assert encoder(tmp_path, "float32").encode(texts).tobytes() == whole.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "nf4"])
def test_adapters_learn_beside_quantised_weights_and_answer_the_same_again(tmp_path: Path, dtype: str) -> None:
    pytest.importorskip("bitsandbytes")
    texts = some(96)
    labels = np.array([int("apple" in text) for text in texts.texts or ()])
    fits = [
        learner("adapters", epochs=12, precision=dtype).on(encoder(tmp_path / name, "auto")).fit(texts, labels)
        for name in "ab"
    ]
    first, again = (fit.predict(texts) for fit in fits)
    assert (first.argmax(axis=1) == labels).mean() > 0.95 > labels.mean() + 0.2
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize(("train", "settings"), [("all", {}), ("adapters", {"sharded": True})])
def test_quantised_weights_are_neither_trained_nor_dealt_out(train: str, settings: dict[str, bool]) -> None:
    pytest.importorskip("bitsandbytes")
    with pytest.raises(ConfigError, match=r"recipe.precision=nf4 .* learner=lora"):
        learner(train, precision="nf4", **settings).check()


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2s.model.checkpoint.loading.find_spec", lambda name: None)
    for check in (encoder(tmp_path, "nf4").check, learner("adapters", precision="nf4").check):
        with pytest.raises(ConfigError, match=r"pip install 'w2s\[quantised\]'"):
            check()
