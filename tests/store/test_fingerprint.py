import os
import time
from pathlib import Path

import pytest

from w2s.identity import content_hash, digest
from w2s.store import Store
from w2s.store.fingerprint import FEW, fingerprint, fingerprints, recall


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was changed last an hour ago."""
    path = tmp_path / "weights"
    path.write_bytes(b"numbers")
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))
    return path


@pytest.fixture
def memory(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("w2s.store.fingerprint.SETTLED_SECONDS", -1.0)
    fingerprint(Store(str(tmp_path / "store")), file)
    (memory,) = (tmp_path / "store" / "fingerprints").iterdir()
    return memory


def test_a_file_is_read_once(tmp_path: Path, file: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2s.store.fingerprint.content_hash", lambda path: pytest.fail("it was read again"))
    assert fingerprint(Store(str(tmp_path / "store")), file) == content_hash(file)


def test_every_flipped_byte_of_the_memory_is_noticed_and_mended(tmp_path: Path, file: Path, memory: Path) -> None:
    content = memory.read_bytes()
    for place in range(0, len(content), 5):
        for bit in (0x01, 0x20):
            flipped = bytearray(content)
            flipped[place] ^= bit
            memory.write_bytes(flipped)
            assert fingerprint(Store(str(tmp_path / "store")), file) == content_hash(file), f"byte {place}"
    assert recall(memory) is not None


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '{"state": 1}', '{"state": [], "sha256": 5, "checksum": null}', "[" * 10**5]
)
def test_a_memory_that_holds_something_else_is_none(memory: Path, content: str) -> None:
    memory.write_text(content)
    assert recall(memory) is None


def test_a_pipe_in_the_place_of_the_memory_is_not_waited_for(tmp_path: Path, file: Path, memory: Path) -> None:
    memory.unlink()
    os.mkfifo(memory)
    assert fingerprint(Store(str(tmp_path / "store")), file) == content_hash(file)


def test_many_files_are_remembered_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2s.store.fingerprint.SETTLED_SECONDS", -1.0)
    store, files = Store(str(tmp_path / "store")), [(f"{i}", tmp_path / f"{i}") for i in range(FEW + 1)]
    for name, file in files:
        file.write_text(name)
    found = fingerprints(store, files)
    assert found == digest([(name, content_hash(file)) for name, file in files])
    assert len(list(store.fingerprints.iterdir())) == 1
    files[3][1].write_text("other")
    assert fingerprints(store, files) != found
    monkeypatch.setattr("w2s.store.fingerprint.content_hash", lambda path: pytest.fail("it was read again"))
    fingerprints(store, files)
