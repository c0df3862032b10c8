"""The plan of batches and rates is a pure function, and every point is trained on once an epoch."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.model.training.plan import ALIKE_BATCHES, batches, rate_share


@pytest.mark.parametrize("n", [1, 31, 32, 33, 2_000])
def test_an_epoch_holds_every_point_once(n: int) -> None:
    lengths = np.random.default_rng(0).integers(1, 200, n)
    found = batches(lengths, 32, seed=1, epoch=0)
    assert sorted(np.concatenate(found).tolist()) == list(range(n))
    assert sorted(map(len, found))[1:] == [32] * (len(found) - 1)


def test_order_depends_on_seed_and_epoch_alone() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 300)
    first, again = (batches(lengths, 16, seed=3, epoch=2) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    others = (batches(lengths, 16, seed=seed, epoch=epoch) for seed, epoch in ((3, 1), (4, 2)))
    assert all(any((a != b).any() for a, b in zip(first, other, strict=True)) for other in others)


def test_a_batch_holds_texts_of_like_length_the_longest_first() -> None:
    n = 16 * ALIKE_BATCHES
    lengths = np.random.default_rng(0).integers(1, 500, n)
    found = batches(lengths, 16, seed=0, epoch=0)
    padded = sum(len(rows) * lengths[rows].max() for rows in found)
    assert padded < 1.1 * lengths.sum()  # in any order it is nearly twice
    assert all((np.diff(lengths[rows]) <= 0).all() for rows in found)
    order = [lengths[rows].max() for rows in found]
    assert abs(np.corrcoef(order, np.arange(len(order)))[0, 1]) < 0.5  # no curriculum of lengths


def test_rates_rise_then_fall_to_nothing() -> None:
    assert [rate_share(step, 10, 4, "linear") for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rate_share(7, 10, 4, "linear") == pytest.approx(0.5)
    assert rate_share(7, 10, 4, "cosine") == pytest.approx(0.5)
    assert rate_share(0, 10, 0, "cosine") == rate_share(9, 10, 0, "constant") == 1.0
    assert 0 < rate_share(9, 10, 0, "cosine") < 0.03
