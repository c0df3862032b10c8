import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from tests.store.conftest import KEY, shards
from tests.store.test_embedding_cache import Computer, many
from w2s.store import Store
from w2s.store.__main__ import main
from w2s.store.fingerprint import fingerprint
from w2s.store.generated_checkpoints import generated_folder
from w2s.store.maintenance import ABANDONED_SECONDS, prune, verify
from w2s.store.vector_shard import write_shard


def damage_everything(store: Store) -> list[Path]:
    """Damage one of each kind of entry; all places that `verify` should name."""
    (shard,) = shards(store)
    folder = store.embeddings_folder(KEY)
    fingerprint(store, shard)
    (memory,) = store.fingerprints.iterdir()
    checkpoint = generated_folder(store, "tiny", lambda made: (made / "config.json").write_text("{}") and None)
    (checkpoint / "config.json").write_text("{ }")
    memory.write_text("{}")
    (folder / "key.json").write_text('{"checkpoint": 3, "layers": [[]]}')
    for name, content in (("0", b""), ("1", b"\xff" * 20), ("2", b"[" * 10_000)):
        (folder / f"{name * 32}.safetensors").write_bytes(content)
    os.mkfifo(folder / f"{'3' * 32}.safetensors")
    (folder / f"{'4' * 32}.safetensors").mkdir()
    (folder / f"{'5' * 32}.safetensors").symlink_to("nowhere")
    (store.vectors / "a file").touch()
    (store.vectors / "swapped").mkdir()
    shutil.copy(shard, store.vectors / "swapped" / shard.name)
    odd = [folder / f"{name * 32}.safetensors" for name in "012345"]
    return [memory, checkpoint, folder / "key.json", store.vectors / "a file", store.vectors / "swapped" / shard.name, *odd]


def test_verify_names_and_prune_deletes_every_kind_of_damage_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("w2s.store.fingerprint.SETTLED_SECONDS", -1.0)
    before = shards(store)
    damaged = damage_everything(store)
    assert main(["--root", str(store.folder), "verify"]) == 1
    assert sorted(verify(store)) == sorted(damaged)
    assert main(["--root", str(store.folder), "list"]) == 0
    assert main(["--root", str(store.folder), "prune"]) == 0
    assert main(["--root", str(store.folder), "verify"]) == 0
    assert shards(store) == before
    assert not any(os.path.lexists(path) for path in damaged)


def test_verify_reports_a_shard_of_another_width(store: Store) -> None:
    cache = store.embeddings(KEY)
    cache.get_or_compute(many(3000), Computer(many(3000)))
    odd = write_shard(cache.folder, cache.folder / ".partial", many(3), np.zeros((3, 7)), key=cache.key)
    assert list(verify(store)) == [odd]


def test_prune_deletes_what_killed_processes_left_once_it_is_old(store: Store) -> None:
    folder = store.embeddings_folder(KEY)
    store.checkpoints.mkdir()
    store.fingerprints.mkdir()
    left = [folder / ".partial-003", store.fingerprints / ".partial-0-a.json", store.checkpoints / ".partial-tiny"]
    left[0].touch()
    left[1].touch()
    left[2].mkdir()
    (left[2] / "weights").touch()
    assert prune(store) == []
    hours_ago = time.time() - 2 * ABANDONED_SECONDS
    for path in left:
        os.utime(path, (hours_ago, hours_ago))
    assert sorted(prune(store)) == sorted(left)
