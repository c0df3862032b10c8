"""Inputs by their hash: what divides them among locks, groups and jobs, whatever data set or split they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from w2s.errors import DataError
from w2s.types import IntArray

HASH_BYTES = 32
"""A SHA-256."""
BUCKETS = 256
"""One for each leading byte of a hash."""
GROUP_TEXTS = 1024
"""Inputs computed under one set of locks, at least; so also what can be length-sorted together."""
GROUP_BUCKETS = 128
"""Buckets of one group, at most: each is a lock, and so an open file, of which a process may have 256 on some systems."""

HashArray = npt.NDArray[np.bytes_]
"""(n,) of dtype S32: SHA-256 of each input. Numpy drops trailing zero bytes, the same on both sides of a comparison."""


def hashes_of(texts: Sequence[str]) -> HashArray:
    """(n,) SHA-256 of each text.

    Raises:
        DataError: a text holds half a surrogate pair, which no tokenizer reads.
    """
    digests = []
    for i, text in enumerate(texts):
        try:
            digests.append(hashlib.sha256(text.encode()).digest())
        except UnicodeEncodeError as error:
            raise DataError(f"text {i} holds half a character ({error.reason}); write the file as valid UTF-8.") from error
    return as_hashes(digests)


def as_hashes(digests: Iterable[bytes]) -> HashArray:
    """(n,) of n SHA-256."""
    return np.frombuffer(b"".join(digests), dtype=f"S{HASH_BYTES}")


def buckets_of(inputs: HashArray) -> IntArray:
    """(n,) bucket of each input, in {0 ... BUCKETS - 1}: the leading byte of its hash."""
    return np.asarray(inputs.view(np.uint8).reshape(len(inputs), HASH_BYTES)[:, 0], dtype=np.int64)


def part_of(inputs: HashArray, *, shard: int, shards: int) -> IntArray:
    """Positions of the inputs in one of `shards` parts, divided by bucket: equal inputs fall into the same part."""
    return np.flatnonzero(buckets_of(inputs) * shards // BUCKETS == shard)


def groups_of(inputs: HashArray) -> list[slice]:
    """Cut n ascending inputs into runs of whole buckets.

    Each has at least `GROUP_TEXTS` inputs or `GROUP_BUCKETS` buckets, the last one excepted. The cut depends on the request
    alone, not on what is stored, so a run that was killed goes on with the same groups.
    """
    ends = np.flatnonzero(np.diff(buckets_of(inputs), append=BUCKETS)) + 1
    groups, start, buckets = [], 0, 0
    for end in ends.tolist():
        buckets += 1
        if end - start >= GROUP_TEXTS or buckets == GROUP_BUCKETS or end == len(inputs):
            groups.append(slice(start, end))
            start, buckets = end, 0
    return groups
