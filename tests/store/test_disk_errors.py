import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_embedding_cache import Computer, expected, many
from w2s.errors import StoreError
from w2s.store import EmbeddingCache
from w2s.store.disk_errors import explain_os_errors, room_for
from w2s.store.input_hashes import GROUP_BUCKETS
from w2s.types import FloatArray, IntArray


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EFBIG, "is full"),
        (errno.EROFS, "cannot be written"),
        (errno.ENOTDIR, "something else where its own files belong"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EIO, r"cannot be read or written \(Input/output error\)"),
    ],
)
def test_what_the_file_system_refuses_is_said_in_two_lines(tmp_path: Path, code: int, message: str) -> None:
    with pytest.raises(StoreError, match=message) as raised, explain_os_errors(tmp_path):
        raise OSError(code, os.strerror(code))
    assert str(raised.value).count("\n") == 1


def test_too_little_room_is_seen_before_anything_is_computed(tmp_path: Path) -> None:
    rows = 2 * shutil.disk_usage(tmp_path).free // 1000
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
        EmbeddingCache(small_disk / "vectors").get_or_compute(inputs, Wide(inputs))
    kept = list((small_disk / "vectors").glob("*.safetensors"))
    assert kept
    assert not list((small_disk / "vectors").glob(".partial-*"))
    subprocess.run(["mount", "-o", "remount,size=10m", str(small_disk)], check=True)
    again = Wide(inputs)
    vectors, stats = EmbeddingCache(small_disk / "vectors").get_or_compute(inputs, again)
    np.testing.assert_array_equal(vectors[:, 0], expected(inputs)[:, 0])
    assert again.asked < 2000
    assert again.asked == stats.computed
    assert all(path.exists() for path in kept)


def test_a_read_only_store_gives_what_it_holds_and_refuses_the_rest(small_disk: Path) -> None:
    inputs = many(20)
    EmbeddingCache(small_disk / "vectors").get_or_compute(inputs, Computer(inputs))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    vectors, stats = EmbeddingCache(small_disk / "vectors").get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert stats.computed == 0
    computer = Computer(many(21))
    with pytest.raises(StoreError, match="cannot be written"):
        EmbeddingCache(small_disk / "vectors").get_or_compute(many(21), computer)
    assert computer.asked == 0


def test_a_disk_without_inodes_is_said_in_two_lines(tmp_path: Path) -> None:
    mounted(tmp_path / "disk", "size=10m,nr_inodes=6")
    try:
        with pytest.raises(StoreError, match="is full") as raised:
            EmbeddingCache(tmp_path / "disk" / "vectors").get_or_compute(many(20), Computer(many(20)))
        assert str(raised.value).count("\n") == 1
    finally:
        subprocess.run(["umount", str(tmp_path / "disk")], check=True)


@contextmanager
def limited(kind: int, limit: int) -> Iterator[None]:
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def test_files_that_may_not_grow_are_said_in_two_lines_and_leave_nothing(tmp_path: Path) -> None:
    inputs = many(300)
    with limited(resource.RLIMIT_FSIZE, 1000), pytest.raises(StoreError, match="File too large") as raised:
        EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert str(raised.value).count("\n") == 1
    assert not list(tmp_path.glob(".partial-*"))
    assert not list(tmp_path.glob("*.safetensors"))


def test_as_many_texts_as_have_every_bucket_need_half_of_256_open_files(tmp_path: Path) -> None:
    inputs, open_now = many(1000), len(list(Path("/dev/fd").iterdir()))
    with limited(resource.RLIMIT_NOFILE, open_now + GROUP_BUCKETS + 10):
        vectors, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))


def test_too_few_open_files_are_said_in_two_lines(tmp_path: Path) -> None:
    inputs, open_now = many(1000), len(list(Path("/dev/fd").iterdir()))
    with limited(resource.RLIMIT_NOFILE, open_now + 10), pytest.raises(StoreError, match="ulimit -n") as raised:
        EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert str(raised.value).count("\n") == 1
