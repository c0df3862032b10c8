"""A small checkpoint for a whole module, and the store it was made in."""

from __future__ import annotations

from pathlib import Path

import pytest

from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(str(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def folder(store: Store) -> Path:
    return TinyCheckpoint().fetch(store)
