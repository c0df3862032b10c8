"""Damage to every kind of file in a store: each time the undisturbed vectors come back, or one clear error."""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from w2s.errors import W2SError
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.model.encoder.request import forget
from w2s.store import Store
from w2s.store.maintenance import prune, verify
from w2s.types import FloatArray, Inputs

CORRUPTIONS = 200
TEXTS = Inputs(texts=tuple(f"Text {i} of water and light." + " More." * (i % 3) for i in range(60)))
KINDS = (
    "vectors/*/*.safetensors",
    "vectors/*/key.json",
    "vectors/*/locks/*",
    "fingerprints/*.json",
    "checkpoints/tiny-*/*",
    "checkpoints/*.checksums.json",
)

Damage = Callable[[Path, Path, random.Random], object]
"""Damages the first file; the second is another one of its kind."""


def flip(path: Path, other: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"0")
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def truncate(path: Path, other: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content) + 1)])


def swap(path: Path, other: Path, chance: random.Random) -> None:
    mine, others = path.read_bytes(), other.read_bytes()
    path.write_bytes(others)
    other.write_bytes(mine)


def instead(make: Callable[[Path], object]) -> Damage:
    def damage(path: Path, other: Path, chance: random.Random) -> None:
        path.unlink()
        make(path)

    return damage


DAMAGES: tuple[Damage, ...] = (
    *(flip, flip, flip, truncate, swap, swap),
    lambda path, other, chance: path.write_bytes(path.read_bytes() + chance.randbytes(9)),
    lambda path, other, chance: path.write_bytes(bytes(path.stat().st_size)),
    lambda path, other, chance: shutil.copy(other, path.parent / other.name) if path.parent != other.parent else None,
    lambda path, other, chance: (path.unlink(), path.symlink_to(other)),
    *(instead(make) for make in (Path.mkdir, os.mkfifo, Path.touch, lambda path: path.symlink_to("nowhere"))),
    lambda path, other, chance: path.unlink(),
)


@pytest.fixture
def encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[FrozenEncoder]:
    """Encoders that fill a store with vectors of three keys, two generated checkpoints and content hashes."""
    monkeypatch.setattr("w2s.store.fingerprint.SETTLED_SECONDS", -1.0)
    store = Store(str(tmp_path / "store"))
    folder = shutil.copytree(TinyCheckpoint(width=16, layers=1, seed=3).fetch(Store(str(tmp_path))), tmp_path / "checkpoint")
    first = FrozenEncoder(checkpoint=TinyCheckpoint(width=16, layers=1), store=store)
    other = replace(first, checkpoint=TinyCheckpoint(width=16, layers=1, seed=1))
    return [first, replace(other, pooling="mean"), replace(first, checkpoint=FolderCheckpoint(str(folder)))]


def vectors_or_error(encoder: FrozenEncoder) -> FloatArray | None:
    """The vectors; None where the answer was one clear error."""
    try:
        return encoder.encode(TEXTS)
    except W2SError as error:
        message = str(error)
    assert message.count("\n") <= 1
    return None


@pytest.mark.slow
def test_two_hundred_corruptions_change_no_vector(encoders: list[FrozenEncoder]) -> None:
    store, chance = encoders[0].store.folder, random.Random(0)
    expected = [encoder.encode(TEXTS) for encoder in encoders]
    assert all(list(store.glob(kind)) for kind in KINDS)
    shutil.copytree(store, store.with_name("pristine"))
    refused = 0
    for turn in range(CORRUPTIONS):
        files = sorted(path for path in store.glob(KINDS[turn % len(KINDS)]) if path.is_file())
        DAMAGES[chance.randrange(len(DAMAGES))](*chance.choices(files, k=2), chance)
        if turn % 10 == 0:
            forget()
        found = [vectors_or_error(encoder) for encoder in encoders]
        for vectors, right in zip(found, expected, strict=True):
            if vectors is None:
                refused += 1
            else:
                np.testing.assert_array_equal(vectors, right, err_msg=f"turn {turn}")
        if any(vectors is None for vectors in found) or turn % 40 == 39:
            shutil.rmtree(store)
            shutil.copytree(store.with_name("pristine"), store)
    assert refused < CORRUPTIONS / 10, "most damage is put right, not refused"
    prune(encoders[0].store)
    assert verify(encoders[0].store) == {}
