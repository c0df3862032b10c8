"""What changes a vector changes its key, and nothing else does."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2s.identity import digest
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import HubCheckpoint
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.store.input_hashes import hashes_of
from w2s.types import Inputs

TEXTS = Inputs(texts=("Why is the sea blue?", "No.", "A plant turns light into sugar, and water into air. " * 3))
FIELDS = {
    "checkpoint": st.sampled_from([HubCheckpoint("a/b", digit * 40) for digit in "0123"] + [HubCheckpoint("c/d", "0" * 40)]),
    "pooling": st.sampled_from(["last", "mean"]),
    "layers": st.lists(st.integers(-3, 3), min_size=1, max_size=3).map(tuple),
    "max_tokens": st.integers(1, 1000),
    "dtype": st.sampled_from(["auto", "float32", "bfloat16", "float16"]),
    "prompt": st.sampled_from(["{text}", "{text} ", "query: {text}", "{text}{text}"]),
}
RUNTIME = {
    "batch_tokens": st.none() | st.integers(1, 10_000),
    "device": st.sampled_from(["auto", "cpu", "cuda", "cuda:3"]),
    "workers": st.none() | st.integers(1, 8),
    "store": st.sampled_from([Store("/a"), Store("/b")]),
}


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(FIELDS),
    st.fixed_dictionaries(FIELDS),
    st.fixed_dictionaries(RUNTIME),
    st.fixed_dictionaries(RUNTIME),
)
def test_two_encoders_share_vectors_exactly_if_all_that_makes_a_vector_is_equal(
    one: dict[str, Any], other: dict[str, Any], here: dict[str, Any], there: dict[str, Any]
) -> None:
    place = Store("/s")
    first, second = FrozenEncoder(**one, **here), FrozenEncoder(**other, **there)
    assert (place.embeddings_folder(first.key()) == place.embeddings_folder(second.key())) == (one == other)
    assert first.key() == FrozenEncoder(**one, **there).key()


def test_a_text_keeps_the_key_that_vectors_of_earlier_versions_have() -> None:
    encoder = FrozenEncoder(checkpoint=HubCheckpoint("a/b", "0" * 40))
    assert digest(encoder.key()) == "c6193dc536830a14ebc720ded32753a5d79f272bc3129de6f339db985063f9dd"
    assert hashes_of(["abc"]).tobytes() == hashlib.sha256(b"abc").digest()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> FrozenEncoder:
    root = tmp_path_factory.mktemp("key")
    made = TinyCheckpoint().fetch(Store(str(root / "made")))
    shutil.copytree(made, root / "checkpoint")
    encoder = FrozenEncoder(checkpoint=FolderCheckpoint(str(root / "checkpoint")), store=Store(str(root / "store")))
    encoder.encode(TEXTS)
    return encoder


def known(encoder: FrozenEncoder) -> int:
    tally = encoder.fill(TEXTS)
    assert tally.computed + tally.reused == 3
    return tally.reused


CHANGES: list[dict[str, Any]] = [
    {"pooling": "mean"},
    {"layers": (1,)},
    {"layers": (-1, 0)},
    {"max_tokens": 5},
    {"dtype": "bfloat16"},
    {"prompt": "Q: {text}"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_change_of_meaning_gives_new_vectors(base: FrozenEncoder, change: dict[str, Any], tmp_path: Path) -> None:
    alone = replace(base, **change, store=Store(str(tmp_path))).encode(TEXTS)
    changed = replace(base, **change)
    assert known(changed) == 0
    np.testing.assert_array_equal(changed.encode(TEXTS), alone)
    before = base.encode(TEXTS)
    assert before.shape != alone.shape or not np.allclose(before, alone, atol=1e-4)


@pytest.mark.parametrize(
    "change", [{"batch_tokens": 7}, {"device": "cpu"}, {"workers": 1}], ids=lambda change: next(iter(change))
)
def test_a_change_of_speed_gives_the_known_vectors(base: FrozenEncoder, change: dict[str, Any]) -> None:
    base.encode(TEXTS)
    assert known(replace(base, **change)) == 3


def test_a_moved_checkpoint_and_a_moved_store_give_the_known_vectors(base: FrozenEncoder, tmp_path: Path) -> None:
    assert isinstance(base.checkpoint, FolderCheckpoint)
    shutil.copytree(base.checkpoint.folder, tmp_path / "moved")
    shutil.copytree(base.store.folder, tmp_path / "store")
    (tmp_path / "moved" / "README.md").write_text("Documentation enters no vector.")
    moved = replace(base, checkpoint=FolderCheckpoint(str(tmp_path / "moved")), store=Store(str(tmp_path / "store")))
    assert known(moved) == 3


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_one_changed_byte_in_a_checkpoint_file_gives_another_key(base: FrozenEncoder, name: str, tmp_path: Path) -> None:
    assert isinstance(base.checkpoint, FolderCheckpoint)
    shutil.copytree(base.checkpoint.folder, tmp_path / "changed")
    changed = replace(base, checkpoint=FolderCheckpoint(str(tmp_path / "changed")))
    before = changed.key()
    path = tmp_path / "changed" / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\n" + content[-1:] if name.endswith("json") else content[:-1] + b"\x7f")
    assert changed.key() != before


def test_a_file_replaced_by_one_of_equal_size_and_time_is_noticed(
    base: FrozenEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr("w2s.store.fingerprint.SETTLED_SECONDS", -1.0)
    assert isinstance(base.checkpoint, FolderCheckpoint)
    shutil.copytree(base.checkpoint.folder, tmp_path / "swapped")
    encoder = replace(base, checkpoint=FolderCheckpoint(str(tmp_path / "swapped")))
    path = tmp_path / "swapped" / "model.safetensors"
    before, status = encoder.key(), path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 0x40
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert encoder.key() != before
