from collections.abc import Sequence

import numpy as np
import pytest

from w2s.errors import ModelError
from w2s.model.encoder.batches import Batches, cut
from w2s.model.encoder.text_network import Tokens
from w2s.types import FloatArray


def sums(batch: Sequence[Tokens]) -> FloatArray:
    return np.array([[sum(tokens), len(tokens)] for tokens in batch], dtype=np.float32)


def texts(*lengths: int) -> list[Tokens]:
    return [[i] * length for i, length in enumerate(lengths)]


def gathered(batches: Batches, tokens: Sequence[Tokens]) -> FloatArray:
    vectors = np.full((len(tokens), 2), np.nan, dtype=np.float32)
    for places, block in batches.pieces(tokens):
        assert np.isnan(vectors[places]).all(), "no text twice"
        vectors[places] = block
    return vectors


def test_a_cut_fills_the_budget_with_padding_counted() -> None:
    # 10 + 10 of padded width 10 fill 20; then 4 x 4 = 16, one more would make 20 > 16; the rest is one batch.
    assert cut(np.array([10, 9, 4, 4, 3, 3]), 20) == [slice(0, 2), slice(2, 6)]
    assert cut(np.array([10, 9, 4, 4, 3, 3]), 16) == [slice(0, 1), slice(1, 2), slice(2, 6)]
    assert cut(np.array([50, 2]), 20) == [slice(0, 1), slice(1, 2)], "a text above the budget goes alone"


def test_without_padding_a_batch_holds_texts_of_one_length() -> None:
    assert cut(np.array([10, 10, 10, 4, 4, 3]), 20, padded=False) == [slice(0, 2), slice(2, 3), slice(3, 5), slice(5, 6)]
    assert cut(np.array([50, 50, 2]), 20, padded=False) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    lengths = np.sort(np.random.default_rng(0).integers(1, 40, 300))[::-1]
    parts = cut(lengths, 100, padded=False)
    assert [part.start for part in parts] + [300] == [0, *(part.stop for part in parts)]
    assert all(len(set(lengths[part])) == 1 for part in parts)


@pytest.mark.parametrize("threads", [None, 1])
@pytest.mark.parametrize("at_once", [1, 3])
def test_every_text_gets_its_own_vector_whatever_the_order(threads: int | None, at_once: int) -> None:
    tokens = texts(*np.random.default_rng(0).integers(1, 40, 300).tolist())
    vectors = gathered(Batches(sums, 100, at_once=at_once, threads=threads), tokens)
    np.testing.assert_array_equal(vectors, sums(tokens))


def test_the_number_of_threads_is_restored() -> None:
    import torch

    before = torch.get_num_threads()
    gathered(Batches(sums, 100, at_once=2, threads=before + 1), texts(3, 2, 1))
    assert torch.get_num_threads() == before


def test_when_memory_runs_out_the_budget_is_halved_and_nothing_is_lost() -> None:
    def limited(batch: Sequence[Tokens]) -> FloatArray:
        if len(batch) * max(map(len, batch)) > 30:
            raise MemoryError
        return sums(batch)

    tokens = texts(*[10] * 50, *[3] * 50)
    batches = Batches(limited, 100)
    np.testing.assert_array_equal(gathered(batches, tokens), sums(tokens))
    assert batches.budget == 25


def test_a_single_text_that_does_not_fit_is_refused_by_its_length() -> None:
    def never(batch: Sequence[Tokens]) -> FloatArray:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes")

    with pytest.raises(ModelError, match="One text of 7 tokens"):
        gathered(Batches(never, 100), texts(7, 7))


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    def broken(batch: Sequence[Tokens]) -> FloatArray:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        gathered(Batches(broken, 100), texts(7, 7))


def test_infinite_vectors_are_refused_with_the_mend() -> None:
    def overflowing(batch: Sequence[Tokens]) -> FloatArray:
        return sums(batch) / np.float32(0)

    with pytest.raises(ModelError, match="dtype=bfloat16"), np.errstate(all="ignore"):
        gathered(Batches(overflowing, 100), texts(7, 7))
