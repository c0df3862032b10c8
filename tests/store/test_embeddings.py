from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from w2s.store import EmbeddingCache
from w2s.store.hashes import HASH_BYTES, HashArray, buckets_of, hashes_of
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
    first, tally = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    np.testing.assert_array_equal(first, expected(inputs))
    assert tally == CacheStats(texts=3000, computed=3000, reused=0)
    shuffled = inputs[np.random.default_rng(0).permutation(3000)]
    again = Computer(shuffled)
    second, tally = EmbeddingCache(tmp_path).get_or_compute(shuffled, again)
    np.testing.assert_array_equal(second, expected(shuffled))
    assert tally == CacheStats(texts=3000, computed=0, reused=3000)
    assert again.asked == 0


def test_equal_inputs_are_computed_once(tmp_path: Path) -> None:
    inputs = hashes_of(["a", "b", "a", "a"])
    computer = Computer(inputs)
    vectors, tally = EmbeddingCache(tmp_path).get_or_compute(inputs, computer)
    np.testing.assert_array_equal(vectors, expected(inputs))
    assert (computer.asked, tally) == (2, CacheStats(texts=4, computed=2, reused=0))


def test_a_larger_request_computes_only_what_is_new(tmp_path: Path) -> None:
    EmbeddingCache(tmp_path).get_or_compute(many(100), Computer(many(100)))
    computer = Computer(many(150))
    _, tally = EmbeddingCache(tmp_path).get_or_compute(many(150), computer)
    assert (computer.asked, tally.reused) == (50, 100)


def test_missing_answers_in_the_order_of_the_request(tmp_path: Path) -> None:
    EmbeddingCache(tmp_path).get_or_compute(hashes_of(["b"]), Computer(hashes_of(["b"])))
    assert EmbeddingCache(tmp_path).missing(hashes_of(["c", "b", "a"])).tolist() == [True, False, True]


def test_no_input_gives_no_vector(tmp_path: Path) -> None:
    vectors, tally = EmbeddingCache(tmp_path).get_or_compute(many(0), Computer(many(0)))
    assert (len(vectors), tally) == (0, CacheStats(0, 0, 0))


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
        vectors, tally = EmbeddingCache(tmp_path).get_or_compute(inputs, computer)
        np.testing.assert_array_equal(vectors, expected(inputs))
        assert (computer.asked, tally.computed) == (20, 20), f"byte {place} of {len(content)}"
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
    vectors, tally = EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    assert (len(vectors), tally.computed) == (20, 20)
    assert not leftover.exists()
