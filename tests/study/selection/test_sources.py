from __future__ import annotations

import numpy as np
import pytest

from w2s.errors import ConfigError, DataError
from w2s.study.selection.sources import Sources, exact
from w2s.types import Inputs, Partition, Region, Sealed, Split, as_names


def pool(easy=100, hard=60, overlap=40, sources=None, planted=None):
    regions = np.repeat([Region.EASY, Region.HARD, Region.OVERLAP], [easy, hard, overlap]).astype(int)
    n = len(regions)
    split = Split(
        ids=as_names(range(n)),
        inputs=Inputs(features=np.zeros((n, 1))),
        labels=Sealed(np.zeros(n, dtype=int)),
        sources=None if sources is None else as_names(sources),
        planted=None if planted is None else Sealed(planted),
    )
    return split, Partition(regions, np.ones(n), np.zeros(n))


def built(recipe, split, partition, seed=0):
    assert recipe.obstacle(split, partition) is None
    return recipe.build(split, partition, np.random.default_rng(seed))


def counts(source_set, partition, region):
    return [int(np.sum(partition.regions[points] == region)) for points in source_set.members]


def test_shares_are_exact_shares_of_the_original_counts():
    split, partition = pool(overlap=1_000)
    source_set = built(Sources(shares=(0.1, 0.9)), split, partition)
    assert counts(source_set, partition, Region.OVERLAP) == [100, 900]  # not 100 and 810
    assert counts(source_set, partition, Region.EASY) == [50, 50]
    assert counts(source_set, partition, Region.HARD) == [30, 30]


def test_exact_shares_give_everything_away_within_one_point():
    draw = np.random.default_rng(0)
    for _ in range(200):
        n, k = int(draw.integers(0, 500)), int(draw.integers(1, 9))
        shares = draw.dirichlet(np.ones(k)).tolist()
        sizes = exact(shares, n)
        assert sum(sizes) == n
        assert np.all(np.abs(sizes - np.array(shares) * n) <= 1)


def test_sources_share_no_point_and_lose_none():
    split, partition = pool()
    source_set = built(Sources(shares=(0.2, 0.3, 0.5)), split, partition)
    assert np.sort(np.concatenate(source_set.members)).tolist() == list(range(200))


def test_the_rebalanced_protocol_by_hand():
    # |O| = 40: int(.2 x 40) = 8 and int(.8 x 40) = 32 overlap points;
    # int(8 x .8 / .4) = 16 and int(32 x .2 / 1.6) = 4 easy ones, and as many hard ones
    split, partition = pool()
    source_set = built(Sources(densities=(0.2, 0.8)), split, partition)
    assert counts(source_set, partition, Region.OVERLAP) == [8, 32]
    assert counts(source_set, partition, Region.EASY) == counts(source_set, partition, Region.HARD) == [16, 4]
    np.testing.assert_allclose(source_set.detected, [0.2, 0.8])


def test_densities_that_the_pool_cannot_give_are_an_obstacle_with_its_numbers():
    split, partition = pool(easy=10, hard=60)
    assert "need 20 easy" in (Sources(densities=(0.2, 0.8)).obstacle(split, partition) or "")


def test_a_source_column_comes_first_unless_it_is_declined():
    split, partition = pool(sources=["b", "a"] * 100)
    source_set = built(Sources(), split, partition)
    assert source_set.names == ("a", "b")
    assert source_set.members[0].tolist() == list(range(1, 200, 2))
    assert built(Sources(column=False), split, partition).names == ("source 1", "source 2")


def test_a_point_without_a_source_is_refused():
    split, partition = pool(sources=["a", ""] * 100)
    with pytest.raises(DataError, match="100 of 200 points name no source"):
        built(Sources(), split, partition)


def test_true_densities_are_those_planted():
    planted = np.full(200, int(Region.EASY))
    planted[-10:] = Region.OVERLAP
    split, partition = pool(planted=planted)
    source_set = built(Sources(shares=(0.0, 1.0)), split, partition)
    assert source_set.true is not None
    assert source_set.true[0] == 0
    assert source_set.true[1] == pytest.approx(10 / 120)
    assert source_set.detected[1] == pytest.approx(40 / 120)


def test_sources_can_be_made_of_planted_regions():
    planted = np.full(200, int(Region.EASY))
    planted[:20] = Region.OVERLAP
    split, partition = pool(planted=planted)
    source_set = built(Sources(shares=(0.25, 0.75), by="planted"), split, partition)
    assert [int(np.sum(points < 20)) for points in source_set.members] == [5, 15]


def test_without_overlap_there_are_no_sources_and_the_reason_is_the_detectors():
    split, partition = pool(overlap=0)
    assert "finds no overlap" in (Sources().obstacle(split, partition) or "")


def test_an_empty_source_is_kept_with_density_zero():
    split, partition = pool(easy=0, hard=0, overlap=40)
    source_set = built(Sources(shares=(0.0, 1.0)), split, partition)
    assert source_set.sizes.tolist() == [0, 40]
    assert source_set.detected.tolist() == [0, 1]


def test_more_sources_than_points_are_refused():
    split, partition = pool(easy=1, hard=0, overlap=1)
    with pytest.raises(DataError, match="3 sources for 2 points"):
        built(Sources(shares=(0.2, 0.3, 0.5)), split, partition)


def test_prices_for_another_number_of_sources_are_refused():
    split, partition = pool()
    with pytest.raises(ConfigError, match=r"3 for 2 sources\.\nGive one for each of: source 1, source 2"):
        built(Sources(prices=(1.0, 2.0, 3.0)), split, partition)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"shares": (0.5, 0.6)}, "sum to 1"),
        ({"shares": ()}, "shares="),
        ({"shares": (-0.5, 1.5)}, "entry 1 should be greater than or equal to 0"),
        ({"densities": (0.0, 0.5)}, "densities="),
        ({"densities": (0.7, 0.7)}, "sum of at most 1"),
        ({"prices": (1.0, 0.0)}, "entry 2 should be greater than 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, said):
    with pytest.raises(ConfigError, match=said):
        Sources(**arguments)
