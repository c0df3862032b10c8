"""A tiny network, and texts of which one word makes the class."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.model import FineTuning
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.training import Lora, Recipe
from w2s.store import Store
from w2s.types import Inputs

N = 96
WORDS = np.array(["red", "green", "apple", "wine", "tea", "white", "sea", "good", "bad"])


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(str(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def encoder(store: Store) -> FrozenEncoder:
    return FrozenEncoder(checkpoint=TinyCheckpoint(), store=store, max_tokens=32)


@pytest.fixture(scope="session")
def texts() -> Inputs:
    draw = np.random.default_rng(0)
    return Inputs(texts=tuple(" ".join(draw.choice(WORDS, size=draw.integers(2, 12))) for _ in range(N)))


@pytest.fixture(scope="session")
def labels(texts: Inputs) -> np.ndarray:
    assert texts.texts is not None
    return np.array([int("apple" in text) for text in texts.texts])


def learner(train: str = "adapters", **recipe: object) -> FineTuning:
    settings = {"batch": 16, "learning_rate": 2e-3, "lora": Lora(rank=4, learning_rate=1e-2)} | recipe
    return FineTuning(train=train, recipe=Recipe(**settings))  # type: ignore[arg-type]
