"""The planted generator, setting by setting."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.dataset.gaussian import Gaussian
from w2s.errors import ConfigError
from w2s.types import Region, Split

LARGE = {"easy": 2000, "hard": 2000, "overlap": 2000}


def parts(split: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return split.inputs.features, split.labels.open("test"), split.planted.open("test")


def test_blocks_have_their_exact_sizes_in_random_order() -> None:
    _, _, regions = parts(Gaussian(easy=30, hard=20, overlap=10).load(0).pool)
    assert [int(np.sum(regions == region)) for region in (Region.EASY, Region.HARD, Region.OVERLAP)] == [30, 20, 10]
    assert len(set(regions[:20].tolist())) > 1


def test_an_absent_pattern_is_zero_or_noise_without_the_pattern() -> None:
    for absent in ("zeros", "noise"):
        x, y, regions = parts(Gaussian(**LARGE, absent=absent).load(1).pool)
        hard_block = x[regions == Region.EASY][:, 20:]
        signs = 2 * y[regions == Region.EASY] - 1
        if absent == "zeros":
            assert not hard_block.any()
        else:
            assert np.abs((signs[:, None] * hard_block).mean(axis=0)).max() < 5 * np.sqrt(5 / 2000)
            assert hard_block.std() == pytest.approx(np.sqrt(5), rel=0.05)


def test_the_class_moves_the_mean_by_theta_where_the_pattern_is() -> None:
    x, y, regions = parts(Gaussian(**LARGE).load(2).pool)
    both = regions == Region.OVERLAP
    theta = ((2 * y[both] - 1)[:, None] * x[both]).mean(axis=0)
    assert theta.min() > -0.25
    assert theta.max() < 1.25
    assert theta.mean() == pytest.approx(0.5, abs=0.15)


def test_without_strength_the_hard_block_says_nothing() -> None:
    x, y, regions = parts(Gaussian(**LARGE, hard_strength=0.0).load(3).pool)
    both = regions == Region.OVERLAP
    assert np.abs(((2 * y[both] - 1)[:, None] * x[both][:, 20:]).mean(axis=0)).max() < 5 * np.sqrt(5 / 2000)


def test_a_product_pattern_shows_in_products_and_in_no_coordinate() -> None:
    x, y, regions = parts(Gaussian(**LARGE, hard_pattern="product", hard_strength=3.0, variance=1.0).load(4).pool)
    both = regions == Region.OVERLAP
    signs, block = 2 * y[both] - 1, x[both][:, 20:]
    assert np.abs((signs[:, None] * block).mean(axis=0)).max() < 0.3
    products = block[:, :10].sum(axis=1) * block[:, 10:].sum(axis=1)
    assert np.mean(np.sign(products) == signs) > 0.95


def test_three_classes_have_three_means() -> None:
    splits = Gaussian(**LARGE, classes=3).load(5)
    x, y, regions = parts(splits.pool)
    assert splits.classes == ("0", "1", "2")
    means = np.stack([x[(y == k) & (regions == Region.OVERLAP)].mean(axis=0) for k in range(3)])
    assert min(np.linalg.norm(means[a] - means[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > 2


def test_label_noise_flips_its_share() -> None:
    clean, noisy = (Gaussian(**LARGE, label_noise=share).load(6).pool for share in (0.0, 0.2))
    assert np.array_equal(clean.inputs.features, noisy.inputs.features)
    flipped = np.mean(clean.labels.open("test") != noisy.labels.open("test"))
    assert flipped == pytest.approx(0.2, abs=0.02)


def test_the_default_draws_are_those_of_its_data_seed_alone() -> None:
    one, same, other = (Gaussian().load(seed).pool.inputs.features for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 1}, "classes=1"),
        ({"label_noise": 1.0}, "label_noise=1.0"),
        ({"hard_pattern": "product", "classes": 3}, "exactly 2"),
        ({"hard_pattern": "product", "d_hard": 5}, "d_hard=5"),
        ({"variance": 0.0}, "variance=0"),
        ({"easy": -1}, "easy=-1"),
    ],
)
def test_settings_outside_their_range_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Gaussian(**change)


def test_the_other_roles_have_a_size_of_their_own_in_the_shares_of_the_pool() -> None:
    dataset = Gaussian(easy=400, hard=400, overlap=200, others=50)
    splits, equal = dataset.load(0), Gaussian(easy=400, hard=400, overlap=200).load(0)
    for role in ("weak_train", "validation", "test"):
        regions = parts(getattr(splits, role))[2]
        assert len(regions) == getattr(dataset.sizes(), role) == 50
        assert [int(np.sum(regions == region)) for region in (Region.EASY, Region.HARD, Region.OVERLAP)] == [20, 20, 10]
    assert all(np.array_equal(a, b) for a, b in zip(parts(splits.pool), parts(equal.pool), strict=True))
    with pytest.raises(ConfigError, match=r"others=3"):
        Gaussian(others=3)
