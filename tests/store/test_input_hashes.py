import hashlib
from itertools import pairwise

import numpy as np
import pytest

from w2s.store.input_hashes import BUCKETS, GROUP_BUCKETS, GROUP_TEXTS, HashArray, buckets_of, groups_of, hashes_of, part_of


def many(n: int) -> HashArray:
    return hashes_of(list(map(str, range(n))))


def test_a_hash_is_the_sha256_of_the_text() -> None:
    assert hashes_of(["abc"])[0] == hashlib.sha256(b"abc").digest()
    assert len(hashes_of([])) == 0


@pytest.mark.parametrize("shards", [1, 3, 8, BUCKETS])
def test_parts_cover_all_inputs_once_in_even_shares(shards: int) -> None:
    inputs = many(4000)
    parts = [part_of(inputs, shard=i, shards=shards) for i in range(shards)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(4000))
    assert max(map(len, parts)) < 2.5 * 4000 / shards


def test_groups_are_whole_buckets_that_cover_the_request() -> None:
    inputs = np.unique(many(10_000))
    groups = groups_of(inputs)
    assert groups[0].start == 0
    assert groups[-1].stop == 10_000
    assert all(a.stop == b.start for a, b in pairwise(groups))
    assert all(group.stop - group.start >= GROUP_TEXTS for group in groups[:-1])
    buckets = buckets_of(inputs)
    assert set(buckets.tolist()) == set(range(BUCKETS))
    assert all(buckets[a.stop - 1] < buckets[b.start] for a, b in pairwise(groups))


def test_a_group_has_at_most_as_many_buckets_as_a_process_may_lock() -> None:
    inputs = np.unique(many(1000))
    groups = groups_of(inputs)
    assert len(np.unique(buckets_of(inputs))) > GROUP_BUCKETS
    assert all(len(np.unique(buckets_of(inputs[group]))) <= GROUP_BUCKETS for group in groups)
    assert sum(group.stop - group.start for group in groups) == 1000
