import os
from pathlib import Path

import pytest

from tests.store.conftest import KEY, shards
from tests.store.test_embedding_cache import Computer, many
from w2s.store import Store
from w2s.store.__main__ import main
from w2s.store.store import write_key


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


def test_names_that_a_terminal_would_obey_are_shown_harmlessly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(str(tmp_path / "[red]"))
    key = {"checkpoint": {"hub": "[/red]\x1b[2J"}, "pooling": "[bold]"}
    write_key(store.embeddings_folder(key), key)
    store.embeddings(key).get_or_compute(many(3), Computer(many(3)))
    (store.embeddings_folder(key) / os.fsdecode(b"\xff\x1b[2J.safetensors")).touch()
    assert main(["--root", str(store.folder), "list"]) == 0
    assert main(["--root", str(store.folder), "verify"]) == 1
    shown = capsys.readouterr().out
    assert "[/red]" in shown
    assert "\x1b[2J" not in shown
