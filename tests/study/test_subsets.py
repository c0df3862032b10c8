from dataclasses import replace

import numpy as np
import pytest

from tests.pool.pools import prepared, sure, with_regions, with_weak
from w2s.model import LogisticProbe
from w2s.pool.pool import PreparedPool
from w2s.seeding import generator
from w2s.study.subsets import (
    Highest,
    Matched,
    Mixed,
    TrainingSubset,
    Uniform,
    control_subsets,
    full_subset,
    largest_balanced,
    overlap_subset,
    share_subset,
)
from w2s.types import BoolArray, Inputs, Region

EASY, HARD, OVERLAP = (int(region) for region in (Region.EASY, Region.HARD, Region.OVERLAP))


def everywhere(n: int = 10) -> BoolArray:
    return np.ones(n, dtype=np.bool_)


def draw(k: int = 0) -> np.random.Generator:
    return generator(0, "test", k)


@pytest.fixture(scope="module")
def pool() -> PreparedPool:
    """24 points: 0-7 easy, 8-15 hard, 16-23 overlap; the weak classes alternate; 2 of 8 overlap labels are wrong."""
    made = prepared(easy=8, hard=8, overlap=8)
    regions = np.repeat([EASY, HARD, OVERLAP], 8)
    classes = np.arange(24) % 2
    wrong = np.isin(np.arange(24), [0, 1, 2, 3, 8, 16, 17])
    truth = np.where(wrong, 1 - classes, classes)
    sealed = type(made.splits.pool.labels)(truth)
    splits = replace(made.splits, pool=replace(made.splits.pool, labels=sealed))
    return with_weak(with_regions(replace(made, splits=splits), regions), sure(classes))


def test_uniform_picks_are_distinct_allowed_candidates() -> None:
    sampler = Uniform(np.array([1, 3, 5, 7]))
    allowed = everywhere()
    allowed[3] = False
    for k in range(20):
        picks = sampler.sample(allowed, 2, draw(k))
        assert picks is not None
        assert len(set(picks.tolist())) == 2
        assert set(picks.tolist()) <= {1, 5, 7}
    assert sampler.sample(allowed, 4, draw()) is None


@pytest.mark.parametrize("many", [4, 3])
def test_uniform_gives_every_candidate_the_same_chance(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """2 of 4 in 2,000 draws: each is picked 1,000 times, standard deviation 22."""
    monkeypatch.setattr("w2s.study.subsets.MANY", many)
    sampler = Uniform(np.array([1, 3, 5, 7]))
    picks = np.concatenate([sampler.sample(everywhere(), 2, draw(k)) for k in range(2000)])  # type: ignore[misc]
    counts = np.bincount(picks, minlength=10)
    assert counts[[0, 2, 4, 6, 8, 9]].sum() == 0
    assert abs(counts[[1, 3, 5, 7]] - 1000).max() < 5 * 22.4


def test_highest_takes_the_top_and_breaks_ties_at_random() -> None:
    sampler = Highest(np.array([0.9, 0.5, 0.5, 0.5, 0.1]))
    found = [sampler.sample(everywhere(5), 2, draw(k)).tolist() for k in range(40)]  # type: ignore[union-attr]
    assert all(picks[0] == 0 for picks in found)
    assert {picks[1] for picks in found} == {1, 2, 3}
    assert sampler.sample(everywhere(5), 6, draw()) is None


def test_mixed_takes_exactly_its_number_of_overlap_points() -> None:
    sampler = Mixed(Uniform(np.arange(5)), Uniform(np.arange(5, 10)), n_overlap=3)
    picks = sampler.sample(everywhere(), 5, draw())
    assert picks is not None
    assert np.sum(picks < 5) == 3
    assert np.sum(picks >= 5) == 2
    assert sampler.sample(everywhere(), 9, draw()) is None


@pytest.mark.parametrize(("size", "n_right"), [(4, 3), (8, 6), (2, 2), (6, 4)])
def test_matched_picks_hold_the_references_share_of_right_labels(size: int, n_right: int) -> None:
    """The reference is right in 6 of 8; round(2 * .75) = 2 and round(6 * .75) = 4, half to even."""
    right = np.array([False] * 10 + [True] * 14)
    reference = np.array([8, 9, 10, 11, 12, 13, 14, 15])
    picks = Matched(np.arange(24), reference, right).sample(everywhere(24), size, draw())
    assert picks is not None
    assert len(np.unique(picks)) == size
    assert right[picks].sum() == n_right


def test_matched_picks_within_allowed_points_follow_the_allowed_reference() -> None:
    right = np.array([True, True, False, False, True, True, False, False])
    allowed = np.array([True, True, True, True, False, False, True, True])
    picks = Matched(np.arange(8), np.array([0, 1, 6, 4, 5]), right).sample(allowed, 3, draw())
    assert picks is not None
    assert allowed[picks].all()
    assert right[picks].sum() == 2  # the allowed reference 0, 1, 6 is right in 2 of 3
    nothing = Matched(np.arange(8), np.array([4, 5]), right)
    assert nothing.sample(allowed, 3, draw()) is None


def test_balanced_picks_take_equally_many_of_each_class_and_none_where_one_is_short() -> None:
    classes = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 2])
    subset = TrainingSubset(
        name="any",
        sampler=Uniform(np.arange(10)),
        learner=LogisticProbe(),
        inputs=Inputs(features=np.zeros((10, 1))),
        targets=np.eye(3)[classes],
        classes=classes,
    )
    picks = subset.sample(5, draw(), balanced=True)
    assert picks is not None
    assert np.bincount(classes[picks]).tolist() == [1, 1, 1]  # 5 // 3
    assert subset.sample(6, draw(), balanced=True) is None
    assert len(subset.sample(6, draw(), balanced=False)) == 6  # type: ignore[arg-type]


def controls(pool: PreparedPool) -> dict[str, TrainingSubset]:
    return {subset.name: subset for subset in [*control_subsets(pool), overlap_subset(pool), full_subset(pool)]}


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("random", {EASY, HARD, OVERLAP}),
        ("random_non_hard", {EASY, OVERLAP}),
        ("easy", {EASY}),
        ("accuracy_matched", {EASY, OVERLAP}),
        ("true_labels", {OVERLAP}),
        ("1.0", {OVERLAP}),
        ("full_balanced", {EASY, HARD, OVERLAP}),
    ],
)
def test_a_subset_draws_from_its_own_regions_and_from_all_of_them(pool: PreparedPool, name: str, regions: set[int]) -> None:
    subset = controls(pool)[name]
    found = {int(r) for k in range(30) for r in pool.partition.regions[subset.sample(6, draw(k), balanced=False)]}
    assert found == regions


def test_pool_subsets_learn_from_the_students_targets_and_true_labels_from_the_truth(pool: PreparedPool) -> None:
    for name, subset in controls(pool).items():
        if name == "true_labels":
            assert np.array_equal(subset.targets, pool.truth("test"))
        elif name != "gold":
            assert subset.targets is pool.targets
    assert not np.array_equal(pool.truth("test"), pool.targets)


def test_true_labels_are_given_to_the_very_picks_of_the_overlap_subset(pool: PreparedPool) -> None:
    subsets = controls(pool)
    assert subsets["true_labels"].stream == subsets["1.0"].name
    for balanced in (True, False):
        picks = [subsets[name].sample(6, draw(), balanced=balanced) for name in ("true_labels", "1.0")]
        assert picks[0].tolist() == picks[1].tolist()  # type: ignore[union-attr]
    share = share_subset(pool, 1.0, 6).sample(6, draw(), balanced=False)
    assert share.tolist() == subsets["true_labels"].sample(6, draw(), balanced=False).tolist()  # type: ignore[union-attr]


def test_gold_is_the_strong_model_on_the_weak_models_own_points_and_labels(pool: PreparedPool) -> None:
    gold = controls(pool)["gold"]
    train = pool.splits.weak_train
    assert np.array_equal(gold.inputs.features, train.inputs.features)
    assert gold.targets.argmax(axis=1).tolist() == train.labels.open("test").tolist()
    picks = gold.sample(6, draw(), balanced=True)
    assert np.bincount(train.labels.open("test")[picks]).tolist() == [3, 3]


def test_the_accuracy_matched_control_has_the_overlaps_label_accuracy(pool: PreparedPool) -> None:
    """6 of 8 overlap labels are right: 3 of 4, drawn from easy and overlap points."""
    right = pool.truth("test").argmax(axis=1) == pool.weak_classes
    subset = controls(pool)["accuracy_matched"]
    assert all(right[subset.sample(4, draw(k), balanced=False)].sum() == 3 for k in range(20))


def test_the_most_confident_control_takes_the_most_confident_points(pool: PreparedPool) -> None:
    confidence = np.linspace(0, 1, 24)
    surer = replace(pool, partition=replace(pool.partition, confidence=confidence))
    assert sorted(controls(surer)["most_confident"].sample(3, draw(), balanced=False).tolist()) == [21, 22, 23]  # type: ignore[union-attr]


def test_a_share_mixes_overlap_with_easy_and_hard_points(pool: PreparedPool) -> None:
    subset = share_subset(pool, 0.3, 2)
    assert subset.name == "0.3"
    found = set()
    for k in range(30):
        regions = pool.partition.regions[subset.sample(7, draw(k), balanced=False)]
        assert np.sum(regions == OVERLAP) == 2
        found |= set(regions.tolist())
    assert found == {EASY, HARD, OVERLAP}


@pytest.mark.parametrize(
    ("classes", "n_classes", "at_most", "expected"),
    [([0, 0, 0, 1, 1], 2, 99, 4), ([0, 0, 0, 1, 1], 2, 3, 2), ([0, 1, 1], 3, 99, 0), ([0, 1, 2, 2], 3, 4, 3), ([], 2, 9, 0)],
)
def test_the_largest_balanced_size_is_counted(classes: list[int], n_classes: int, at_most: int, expected: int) -> None:
    assert largest_balanced(np.array(classes, dtype=int), n_classes, at_most=at_most) == expected
