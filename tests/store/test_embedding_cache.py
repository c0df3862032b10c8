import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from w2s.errors import StoreError
from w2s.store import EmbeddingCache
from w2s.store.input_hashes import HASH_BYTES, HashArray, buckets_of, hashes_of
from w2s.store.vector_shard import write_shard
from w2s.types import CacheStats, FloatArray, IntArray

WIDTH = 3


def many(n: int) -> HashArray:
    return hashes_of(list(map(str, range(n))))


class Computer:
    """Gives each input the first bytes of its hash as a vector, and counts what it was asked for."""

    def __init__(self, inputs: HashArray) -> None:
        self.inputs = inputs
        self.asked = 0

    def __call__(self, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        for part in np.array_split(positions, max(1, len(positions) // 500)):
            self.asked += len(part)
            yield part, expected(self.inputs[part])


def expected(inputs: HashArray) -> FloatArray:
    rows = np.frombuffer(inputs.tobytes(), dtype=np.uint8).reshape(len(inputs), HASH_BYTES)
    return rows[:, :WIDTH].astype(np.float32)


def test_what_was_computed_once_is_reused_in_any_order(tmp_path: Path) -> None:
    inputs = many(3000)
    first, stats = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(first, expected(inputs))
    assert stats == CacheStats(texts=3000, computed=3000, reused=0)
    shuffled = inputs[np.random.default_rng(0).permutation(3000)]
    again = Computer(shuffled)
    second, stats = EmbeddingCache(tmp_path).get_or_compute(shuffled, again)
    np.testing.assert_array_equal(second, expected(shuffled))
    assert stats == CacheStats(texts=3000, computed=0, reused=3000)
    assert again.asked == 0


def test_many_vectors_are_mapped_from_a_file_that_is_gone_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = many(3000)
    held, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    names = sorted(tmp_path.iterdir())
    monkeypatch.setattr("w2s.store.disk_errors.IN_MEMORY", 4 * WIDTH * 3000 - 1)
    mapped, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert (held.base is None, isinstance(mapped.base, np.memmap)) == (True, True)
    assert mapped.tobytes() == held.tobytes() == expected(inputs).tobytes()
    assert sorted(tmp_path.iterdir()) == names
    monkeypatch.setattr("w2s.store.disk_errors.TemporaryFile", lambda dir: open("/dev/full", "wb"))  # noqa: PTH123
    refused, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert refused.tobytes() == held.tobytes()


def test_equal_inputs_are_computed_once(tmp_path: Path) -> None:
    inputs = hashes_of(["a", "b", "a", "a"])
    computer = Computer(inputs)
    vectors, stats = EmbeddingCache(tmp_path).get_or_compute(inputs, computer)
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert (computer.asked, stats) == (2, CacheStats(texts=4, computed=2, reused=0))


def test_a_larger_request_computes_only_what_is_new(tmp_path: Path) -> None:
    EmbeddingCache(tmp_path).get_or_compute(many(100), Computer(many(100)))
    computer = Computer(many(150))
    _, stats = EmbeddingCache(tmp_path).get_or_compute(many(150), computer)
    assert (computer.asked, stats.reused) == (50, 100)


def test_missing_answers_in_the_order_of_the_request(tmp_path: Path) -> None:
    EmbeddingCache(tmp_path).get_or_compute(hashes_of(["b"]), Computer(hashes_of(["b"])))
    assert EmbeddingCache(tmp_path).missing(hashes_of(["c", "b", "a"])).tolist() == [True, False, True]


def test_no_input_gives_no_vector(tmp_path: Path) -> None:
    vectors, stats = EmbeddingCache(tmp_path).get_or_compute(many(0), Computer(many(0)))
    assert (len(vectors), stats) == (0, CacheStats(0, 0, 0))


def test_every_flipped_byte_is_named_and_its_vectors_computed_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 0x10
        path.write_bytes(flipped)
        caplog.clear()
        computer = Computer(inputs)
        vectors, stats = EmbeddingCache(tmp_path).get_or_compute(inputs, computer)
        np.testing.assert_array_equal(vectors, expected(inputs))
        assert (computer.asked, stats.computed) == (20, 20), f"byte {place} of {len(content)}"
        assert path.name in caplog.text
    assert path.read_bytes() == content


def test_a_truncated_shard_is_computed_again(tmp_path: Path) -> None:
    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    for length in (0, 4, 50, 400, path.stat().st_size - 1):
        path.write_bytes(path.read_bytes()[:length])
        vectors, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
        np.testing.assert_array_equal(vectors, expected(inputs))


def test_a_leftover_of_a_killed_writer_is_no_shard_and_goes_away(tmp_path: Path) -> None:
    inputs = many(20)
    bucket = buckets_of(np.unique(inputs))[0]
    leftover = tmp_path / f".partial-{bucket:03d}"
    leftover.write_bytes(b"half a shard")
    vectors, stats = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert (len(vectors), stats.computed) == (20, 20)
    assert not leftover.exists()


class Once(Computer):
    """Refuses to be asked for ever."""

    def __call__(self, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        assert self.asked < 10 * len(self.inputs), "computed again and again"
        return super().__call__(positions)


def test_a_damaged_shard_that_cannot_be_moved_away_is_computed_once_more(tmp_path: Path) -> None:
    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    (tmp_path / "damaged").write_text("a file where the folder should be")
    computer = Once(inputs)
    vectors, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, computer)
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert computer.asked == 20


def test_a_disk_that_gives_back_something_else_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flipping(*arguments: Any, **options: Any) -> Path:
        path = write_shard(*arguments, **options)
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        return path

    monkeypatch.setattr("w2s.store.embedding_cache.write_shard", flipping)
    with pytest.raises(StoreError, match="does not give back what was written") as raised:
        EmbeddingCache(tmp_path).get_or_compute(many(20), Once(many(20)))
    assert str(raised.value).count("\n") == 1


@pytest.mark.parametrize(
    "way", [shutil.copy, os.link, lambda one, other: other.symlink_to(one)], ids=["copy", "link", "symlink"]
)
def test_a_shard_of_another_key_is_never_used(tmp_path: Path, way: Callable[[Path, Path], object]) -> None:
    inputs = many(20)
    other = EmbeddingCache(tmp_path / "other")
    other.get_or_compute(inputs, Computer(inputs[::-1]))
    (path,) = other.folder.glob("*.safetensors")
    (tmp_path / "mine").mkdir()
    way(path, tmp_path / "mine" / path.name)
    vectors, stats = EmbeddingCache(tmp_path / "mine").get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert stats.computed == 20


def test_folders_of_two_keys_that_were_swapped_give_no_vector(tmp_path: Path) -> None:
    inputs = many(20)
    for name, given in (("one", inputs), ("two", inputs[::-1])):
        EmbeddingCache(tmp_path / name).get_or_compute(inputs, Computer(given))
    (tmp_path / "one").rename(tmp_path / "three")
    (tmp_path / "two").rename(tmp_path / "one")
    vectors, stats = EmbeddingCache(tmp_path / "one").get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert stats.computed == 20


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    "put",
    [pipe, listening, lambda path: path.symlink_to("/dev/zero"), Path.mkdir, lambda path: path.symlink_to("nothing")],
    ids=["pipe", "socket", "device", "folder", "dangling link"],
)
def test_what_is_no_file_in_the_place_of_a_shard_is_not_opened(tmp_path: Path, put: Callable[[Path], None]) -> None:
    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    for place in (path, tmp_path / f"{'0' * 32}.safetensors"):
        place.unlink(missing_ok=True)
        put(place)
    vectors, stats = EmbeddingCache(tmp_path).get_or_compute(inputs, Once(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert stats.computed == 20


def test_a_sound_shard_of_another_width_is_set_aside(tmp_path: Path) -> None:
    inputs = many(3000)
    cache = EmbeddingCache(tmp_path)
    cache.get_or_compute(inputs, Computer(inputs))
    crafted = write_shard(tmp_path, tmp_path / ".partial", inputs[:5], np.zeros((5, WIDTH + 2)), key=cache.key)
    vectors, _ = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert not crafted.exists()


def test_a_cache_that_keeps_nothing_reads_what_is_there_and_gives_the_rest_away(tmp_path: Path) -> None:
    EmbeddingCache(tmp_path).get_or_compute(many(40), Computer(many(40)))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    asked = np.concatenate([many(100), many(3)])
    vectors, stats = EmbeddingCache(tmp_path, keeps=False).get_or_compute(asked, Computer(asked))
    assert (stats.texts, stats.computed, stats.reused) == (103, 60, 40)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    kept, _ = EmbeddingCache(tmp_path).get_or_compute(asked, Computer(asked))
    assert np.array_equal(vectors, kept)
