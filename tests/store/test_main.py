import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_embeddings import Computer, many
from w2s.store import Store
from w2s.store.__main__ import main
from w2s.store.fingerprint import fingerprint
from w2s.store.generated import generated_folder
from w2s.store.holdings import holdings
from w2s.store.maintenance import ABANDONED_SECONDS, prune, verify
from w2s.store.shard import write_shard

KEY = {"checkpoint": {"hub": "someone/model", "commit": "0" * 40}, "pooling": "last", "layers": [-1], "prompt": "Q: {text}"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "store"))
    store.write_key(KEY)
    store.embeddings(KEY).get_or_compute(many(30), Computer(many(30)))
    return store


def shards(store: Store) -> list[Path]:
    return sorted(store.embeddings_folder(KEY).glob("*.safetensors"))


def test_list_shows_what_made_the_vectors(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--root", str(store.folder), "list"]) == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert "someone/model, last, layers [-1]" in " ".join(shown.split())
    assert " 30 " in shown
    assert f" {store.embeddings_folder(KEY).name[:12]} " in shown


def test_list_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path), "list"]) == 0
    assert "empty" in capsys.readouterr().out


def test_verify_is_content_with_a_sound_store(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(store.folder), "verify"]) == 0
    assert "1 shards read, 0 damaged" in capsys.readouterr().out


def test_verify_names_a_damaged_shard_and_prune_deletes_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = shards(store)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert main(["--root", str(store.folder), "verify"]) == 1
    assert str(path) in capsys.readouterr().out
    assert main(["--root", str(store.folder), "prune"]) == 0
    assert shards(store) == []
    assert main(["--root", str(store.folder), "verify"]) == 0


def test_prune_leaves_sound_vectors_alone(store: Store) -> None:
    before = shards(store)
    assert main(["--root", str(store.folder), "prune"]) == 0
    assert shards(store) == before


def test_prune_deletes_the_key_that_is_named(store: Store) -> None:
    folder = store.embeddings_folder(KEY)
    assert main(["--root", str(store.folder), "prune", folder.name[:12]]) == 0
    assert not folder.exists()


def test_prune_refuses_a_name_that_fits_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(store.folder), "prune", "zzz"]) == 2
    assert "fits 0 keys" in capsys.readouterr().err


def test_a_root_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--root", str(tmp_path / "file"), "list"]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_root_that_is_not_there_is_refused_but_a_store_that_is_not_made_yet_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--root", str(tmp_path / "nowhere"), "list"]) == 2
    said = capsys.readouterr().err
    assert "no such folder" in said
    assert len(said.splitlines()) == 1
    monkeypatch.setenv("W2S_STORE", str(tmp_path / "nowhere"))
    assert main(["list"]) == 0
    assert "empty" in capsys.readouterr().out


def test_how_a_checkpoint_was_read_is_told_without_what_is_usual(store: Store) -> None:
    (held,) = holdings(store)
    assert held.settings == ["last", "layers [-1]", "prompt 'Q: {text}'"]


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
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
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


def test_names_that_a_terminal_would_obey_are_shown_harmlessly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(str(tmp_path / "[red]"))
    key = {"checkpoint": {"hub": "[/red]\x1b[2J"}, "pooling": "[bold]"}
    store.write_key(key)
    store.embeddings(key).get_or_compute(many(3), Computer(many(3)))
    (store.embeddings_folder(key) / os.fsdecode(b"\xff\x1b[2J.safetensors")).touch()
    assert main(["--root", str(store.folder), "list"]) == 0
    assert main(["--root", str(store.folder), "verify"]) == 1
    shown = capsys.readouterr().out
    assert "[/red]" in shown
    assert "\x1b[2J" not in shown
