from dataclasses import replace

import numpy as np
import pytest

from tests.pool.pools import split_of
from w2s.dataset.digits import Digits
from w2s.dataset.gaussian import Gaussian
from w2s.pool.halves import halved
from w2s.types import Region, Split, Splits


def numbered(n_train: int = 6, n_pool: int = 4, planted: bool = False) -> Splits:
    """Points whose feature is their number; labels are its parity."""

    def role(name: str, start: int, n: int) -> Split:
        numbers = np.arange(start, start + n)
        return split_of(numbers[:, None] * 1.0, numbers % 2, name, numbers % 3 if planted else None)

    return Splits(role("a", 0, n_train), role("b", 100, n_pool), role("v", 200, 4), role("t", 300, 4), ("0", "1"))


def ids(split: Split) -> list[str]:
    return [str(name) for name in split.ids]


def test_the_halves_keep_their_sizes_and_hold_every_point_once() -> None:
    splits = numbered()
    dealt = halved(splits, seed=3)
    assert (len(dealt.weak_train), len(dealt.pool)) == (6, 4)
    assert sorted(ids(dealt.weak_train) + ids(dealt.pool)) == sorted(ids(splits.weak_train) + ids(splits.pool))
    assert set(ids(dealt.pool)) != set(ids(splits.pool))


def test_test_and_validation_are_every_seeds() -> None:
    splits = numbered()
    assert all(halved(splits, seed).test is splits.test for seed in range(3))
    assert all(halved(splits, seed).validation is splits.validation for seed in range(3))


def test_the_same_seed_deals_the_same_halves_and_another_one_others() -> None:
    splits = numbered()
    assert ids(halved(splits, 1).pool) == ids(halved(splits, 1).pool)
    assert len({tuple(ids(halved(splits, seed).pool)) for seed in range(10)}) > 5


def test_labels_and_features_go_with_their_points() -> None:
    dealt = halved(numbered(), seed=2)
    numbers = dealt.pool.inputs.features
    assert numbers is not None
    assert dealt.pool.labels.open("test").tolist() == (numbers[:, 0] % 2).tolist()


def test_fixed_halves_stay_as_they_are() -> None:
    splits = replace(numbered(), fixed_halves=True)
    assert halved(splits, seed=5) is splits


@pytest.mark.parametrize("seed", range(5))
def test_planted_regions_keep_their_counts_in_each_half(seed: int) -> None:
    splits = Gaussian(easy=7, hard=5, overlap=3).load(0)
    dealt = halved(splits, seed)
    for split in (dealt.weak_train, dealt.pool):
        assert split.planted is not None
        regions = split.planted.open("test").tolist()
        assert [regions.count(region) for region in (Region.EASY, Region.HARD, Region.OVERLAP)] == [7, 5, 3]
    assert set(ids(dealt.pool)) != set(ids(splits.pool))


def test_unequal_planted_counts_are_those_of_the_roles_given() -> None:
    splits = numbered(n_train=7, n_pool=2, planted=True)  # 0 ... 6: regions 0 1 2 0 1 2 0; 100, 101: regions 1 2
    dealt = halved(splits, seed=4)
    assert dealt.weak_train.planted is not None
    assert dealt.pool.planted is not None
    assert sorted(dealt.weak_train.planted.open("test").tolist()) == [0, 0, 0, 1, 1, 2, 2]
    assert sorted(dealt.pool.planted.open("test").tolist()) == [1, 2]


def test_every_point_is_as_likely_in_one_half_as_in_the_other() -> None:
    """600 of 1,200 digits: a point is in the pool in half of 200 seeds, within 5 standard deviations of .035."""
    splits = Digits().load(0)
    names = sorted(ids(splits.weak_train) + ids(splits.pool))
    counts = np.mean([np.isin(names, halved(splits, seed).pool.ids) for seed in range(200)], axis=0)
    assert abs(counts - 0.5).max() < 5 * 0.5 / 200**0.5
