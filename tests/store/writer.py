"""A process that computes and stores vectors slowly, and prints how many.

python -m tests.store.writer FOLDER COUNT
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from w2s.store import EmbeddingCache
from w2s.store.input_hashes import HASH_BYTES, HashArray, hashes_of
from w2s.types import FloatArray, IntArray

WIDTH = 64
SECONDS = 0.004


def vectors_of(inputs: HashArray) -> FloatArray:
    rows = np.frombuffer(inputs.tobytes(), dtype=np.uint8).reshape(len(inputs), HASH_BYTES)
    return np.repeat(rows, WIDTH // HASH_BYTES, axis=1).astype(np.float32)


def slowly(inputs: HashArray, positions: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
    for start in range(0, len(positions), 50):
        part = positions[start : start + 50]
        time.sleep(SECONDS)
        yield part, vectors_of(inputs[part])


def fill(folder: Path, count: int) -> None:
    inputs = hashes_of([f"text {i}" for i in range(count)])
    vectors, stats = EmbeddingCache(folder).get_or_compute(inputs, lambda positions: slowly(inputs, positions))
    np.testing.assert_array_equal(vectors, vectors_of(inputs))
    sys.stdout.write(f"{stats.computed}\n")


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
