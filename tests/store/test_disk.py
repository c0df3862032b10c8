import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_embeddings import Computer, expected, many
from w2s.errors import StoreError
from w2s.store import EmbeddingCache
from w2s.store.disk import explain_os_errors, room_for
from w2s.types import FloatArray, IntArray


@pytest.mark.parametrize(("code", "message"), [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written")])
def test_what_the_file_system_refuses_is_said_in_two_lines(tmp_path: Path, code: int, message: str) -> None:
    with pytest.raises(StoreError, match=message) as raised, explain_os_errors(tmp_path):
        raise OSError(code, os.strerror(code))
    assert str(raised.value).count("\n") == 1
    assert "W2S_STORE" in str(raised.value)


def test_other_errors_keep_their_kind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output"), explain_os_errors(tmp_path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_too_little_room_is_seen_before_anything_is_computed(tmp_path: Path) -> None:
    rows = shutil.disk_usage(tmp_path).free // 1000 + 1
    with pytest.raises(StoreError, match=r"need .* MB"):
        room_for(tmp_path, rows, 1000)
    room_for(tmp_path, 1, 1000)


def mounted(folder: Path, options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root can mount a file system")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    mounted(tmp_path / "disk", "size=400k")
    yield tmp_path / "disk"
    subprocess.run(["umount", str(tmp_path / "disk")], check=True)


class Wide(Computer):
    """Vectors of 100 numbers: 500 of them take 200 kB."""

    def __call__(self, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        for part, vectors in super().__call__(positions):
            yield part, np.repeat(vectors[:, :1], 100, axis=1)


def test_a_disk_that_fills_up_loses_nothing_and_the_next_run_goes_on(small_disk: Path) -> None:
    inputs = many(2000)
    with pytest.raises(StoreError, match="is full"):
        EmbeddingCache(small_disk / "shelf").get_or_compute(inputs, Wide(inputs))
    kept = list((small_disk / "shelf").glob("*.safetensors"))
    assert kept
    assert not list((small_disk / "shelf").glob(".partial-*"))
    subprocess.run(["mount", "-o", "remount,size=10m", str(small_disk)], check=True)
    again = Wide(inputs)
    vectors, tally = EmbeddingCache(small_disk / "shelf").get_or_compute(inputs, again)
    np.testing.assert_array_equal(vectors[:, 0], expected(inputs)[:, 0])
    assert again.asked < 2000
    assert again.asked == tally.computed
    assert all(path.exists() for path in kept)


def test_a_read_only_store_gives_what_it_holds_and_refuses_the_rest(small_disk: Path) -> None:
    inputs = many(20)
    EmbeddingCache(small_disk / "shelf").get_or_compute(inputs, Computer(inputs))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    vectors, tally = EmbeddingCache(small_disk / "shelf").get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert tally.computed == 0
    computer = Computer(many(21))
    with pytest.raises(StoreError, match="cannot be written"):
        EmbeddingCache(small_disk / "shelf").get_or_compute(many(21), computer)
    assert computer.asked == 0
