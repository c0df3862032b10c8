from pathlib import Path

import pytest

from tests.store.test_shelf import Computer, many
from w2s.store import Store
from w2s.store.__main__ import main

KEY = {"checkpoint": {"hub": "someone/model", "commit": "0" * 40}, "pooling": "last", "layers": [-1]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "store"))
    store.name_shelf(KEY)
    store.shelf(KEY).obtain(many(30), Computer(many(30)))
    return store


def shards(store: Store) -> list[Path]:
    return sorted(store.shelf_folder(KEY).glob("*.safetensors"))


def test_list_shows_what_made_the_vectors(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["--root", str(store.folder), "list"]) == 0
    shown = capsys.readouterr().out
    assert "someone/model" in shown
    assert " 30 " in shown


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
    folder = store.shelf_folder(KEY)
    assert main(["--root", str(store.folder), "prune", folder.name[:12]]) == 0
    assert not folder.exists()


def test_prune_refuses_a_name_that_fits_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(store.folder), "prune", "zzz"]) == 1
    assert "fits 0 keys" in capsys.readouterr().err


def test_a_root_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--root", str(tmp_path / "file"), "list"]) == 1
    assert "is a file" in capsys.readouterr().err
