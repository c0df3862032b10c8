"""A store with one key's vectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.test_embedding_cache import Computer, many
from w2s.store import Store
from w2s.store.store import write_key

KEY = {"checkpoint": {"hub": "someone/model", "commit": "0" * 40}, "pooling": "last", "layers": [-1], "prompt": "Q: {text}"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "store"))
    write_key(store.embeddings_folder(KEY), KEY)
    store.embeddings(KEY).get_or_compute(many(30), Computer(many(30)))
    return store


def shards(store: Store) -> list[Path]:
    return sorted(store.embeddings_folder(KEY).glob("*.safetensors"))
