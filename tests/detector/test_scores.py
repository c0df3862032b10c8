"""What each score is, on points placed by hand or against an independent expression."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np
import pytest

from w2s.dataset.gaussian import Gaussian
from w2s.detector import (
    CutStatistic,
    MapResidual,
    MaxAbsCosine,
    MeanCosine,
    MixedNeighbourhood,
    ProbeDisagreement,
    ProjectionResidual,
    PrototypeDistance,
    RandomDetector,
    ResidualBelief,
)
from w2s.detector.belief import Explained, bin_means
from w2s.detector.crossfit import balancing, cross_fit, logit
from w2s.detector.rows import LinearMap, NearestNeighbours, row_uniform
from w2s.errors import ConfigError
from w2s.model.probe import LogisticProbe
from w2s.statistics.metrics import auc
from w2s.types import Evidence, Inputs, Region

PROBE = LogisticProbe(l2=1.0)


def points(strong: object, p_1: object, weak: object = None) -> Evidence:
    strong, p_1 = np.asarray(strong, dtype=float), np.asarray(p_1, dtype=float)
    return Evidence(strong, strong if weak is None else np.asarray(weak), np.stack([1 - p_1, p_1], axis=1))


@lru_cache
def planted(absent: str = "zeros", strength: float = 1.0, seed: int = 0) -> tuple[Evidence, np.ndarray, np.ndarray]:
    """Evidence, planted regions, and whether each weak label is right; 900 points, 20 + 20 dimensions."""
    splits = Gaussian(easy=300, hard=300, overlap=300, variance=2.0, absent=absent, hard_strength=strength).load(seed)
    view = Inputs(features=splits.weak_train.inputs.features[:, :20])
    weak = LogisticProbe().fit(view, splits.weak_train.labels.open("weak training"))
    strong = splits.pool.inputs.features
    probabilities = weak.predict(Inputs(features=strong[:, :20]))
    right = np.argmax(probabilities, axis=1) == splits.pool.labels.open("test")
    return Evidence(strong, strong[:, :20], probabilities), splits.pool.planted.open("test"), right


def overlap_auc(detector: object, evidence: Evidence, regions: np.ndarray) -> float:
    score = detector.fit(evidence, PROBE).partition(evidence).score
    known = np.isfinite(score) & (regions != Region.HARD)
    return auc(score[known], regions[known] == Region.OVERLAP)


def test_neighbours_leave_out_the_point_itself_and_its_duplicates() -> None:
    pool = points([[0.0], [0.0], [1.0], [3.0]], [0.9, 0.9, 0.9, 0.9])
    index, distance = NearestNeighbours.among(pool, 2).search(pool)
    assert sorted(index[0]) == [2, 3]
    np.testing.assert_allclose(np.sort(distance[0]), [1, 3])


def test_the_mixed_neighbourhood_scores_highest_between_the_hard_and_the_confident() -> None:
    strong = np.array([[0.0], [0.1], [5.0], [10.0], [10.1]])
    pool = points(strong, [0.5, 0.5, 1.0, 1.0, 1.0])
    hard = np.array([True, True, False, False, False])
    score = MixedNeighbourhood(k=4).fit_score(pool, hard, PROBE)
    # The middle point has two hard neighbours of four; the last one two of four as well, but of three only one.
    assert score(pool)[2] == 1.0
    nearest_two = MixedNeighbourhood(k=1).fit_score(pool, hard, PROBE)
    assert nearest_two(pool)[4] == 0.0


def test_the_cut_statistic_falls_where_neighbours_carry_another_label() -> None:
    strong = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    pool = points(strong, [0.1, 0.1, 0.9, 0.9, 0.9, 0.9])
    score = CutStatistic(k=2).fit_score(pool, np.zeros(6, dtype=bool), PROBE)(pool)
    # By hand for the third point: both neighbours differ, p = 4/6, weights 1/1.1 and 1/1.2.
    w = np.array([1 / 1.1, 1 / 1.2])
    expected = -(w.sum() - (1 - 4 / 6) * w.sum()) / np.sqrt(4 / 6 * 2 / 6 * np.sum(w**2))
    assert score[2] == pytest.approx(expected)
    assert score[2] == score.min()


def test_a_linear_fit_without_penalty_is_least_squares() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(50, 3)) * [1, 10, 0.1] + 5, draw.normal(size=(50, 2))
    design = np.column_stack([x, np.ones(50)])
    expected = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(LinearMap.fit(x, y, ridge=0.0).predict(x), expected, atol=1e-9)
    constant = np.column_stack([x, np.full(50, 3.0)])
    np.testing.assert_allclose(LinearMap.fit(constant, y, ridge=0.0).predict(constant), expected, atol=1e-9)


def test_strong_features_implied_by_the_weak_ones_have_no_map_residual() -> None:
    draw = np.random.default_rng(1)
    weak = draw.normal(size=(80, 4))
    pool = points(weak @ draw.normal(size=(4, 6)), draw.uniform(size=80), weak)
    hard = np.arange(80) < 20
    assert np.max(MapResidual(ridge=1e-9).fit_score(pool, hard, PROBE)(pool)) < 1e-6
    other = dataclasses.replace(pool, strong=draw.normal(size=(80, 6)))
    assert np.min(MapResidual(ridge=1e-9).fit_score(other, hard, PROBE)(other)) > 0.1


def test_the_projection_residual_is_the_product_of_the_smoothers() -> None:
    draw = np.random.default_rng(2)
    pool = points(draw.normal(size=(60, 5)), draw.uniform(size=60), draw.normal(size=(60, 3)))
    labels = np.eye(2)[np.argmax(pool.probabilities, axis=1)]

    def smoother(x: np.ndarray) -> np.ndarray:
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        return np.ones((60, 60)) / 60 + z @ np.linalg.inv(z.T @ z + 0.1 * 60 * np.eye(z.shape[1])) @ z.T

    expected = np.linalg.norm(smoother(pool.strong) @ (np.eye(60) - smoother(pool.weak)) @ labels, axis=1)
    score = ProjectionResidual(ridge=0.1).fit_score(pool, np.arange(60) < 10, PROBE)(pool)
    np.testing.assert_allclose(score, expected, atol=1e-9)


def test_points_at_the_hard_prototype_score_above_points_at_a_class_prototype() -> None:
    strong = np.array([[0.0, 0.0], [0.2, 0.1], [4.0, 0.0], [4.2, 0.1], [0.0, 4.0], [0.1, 4.2]])
    pool = points(strong, [0.5, 0.5, 0.1, 0.1, 0.9, 0.9])
    score = PrototypeDistance().fit_score(pool, np.arange(6) < 2, PROBE)
    at = score(points([[0.1, 0.05], [4.1, 0.05], [2.0, 0.05]], [0.5, 0.5, 0.5]))
    assert at[0] > at[2] > at[1]


def test_balancing_repeats_the_rarer_class_and_keeps_every_point() -> None:
    labels = np.array([0] * 7 + [1] * 3)
    picks = balancing(labels, np.random.default_rng(0))
    assert set(picks) == set(range(10))
    assert np.bincount(labels[picks]).tolist() == [7, 7]


def test_beliefs_of_pool_points_come_from_models_that_did_not_see_them() -> None:
    # Labels are pure noise: a model that saw a point leans to its label, one that did not leans nowhere.
    draw = np.random.default_rng(3)
    strong, labels = draw.normal(size=(120, 60)), draw.integers(2, size=120)
    pool = points(strong, np.where(labels == 1, 0.9, 0.1))
    held_out = cross_fit(pool, LogisticProbe(), folds=5, repeats=2).logits(pool)[:, 1]
    seen = logit(LogisticProbe().fit(Inputs(features=strong), labels).predict(Inputs(features=strong)))[:, 1]
    assert auc(seen, labels == 1) > 0.9
    assert auc(held_out, labels == 1) < 0.65


def test_duplicates_of_a_point_are_held_out_together() -> None:
    pool = points([[0.0], [0.0], [1.0], [2.0], [3.0], [3.5]], [0.1, 0.1, 0.9, 0.1, 0.9, 0.9])
    held_out = cross_fit(pool, LogisticProbe(), folds=2, repeats=3).logits(pool)
    np.testing.assert_array_equal(held_out[0], held_out[1])


def test_bins_are_equally_filled_and_hold_their_means() -> None:
    edges, means = bin_means(np.arange(6.0), np.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0]), bins=3)
    assert len(edges) == 2
    np.testing.assert_allclose(means, [1, 5, 9])
    edges, means = bin_means(np.repeat([0.0, 1.0], 5), np.arange(10.0), bins=30)
    np.testing.assert_allclose(means[-1], 7)


def test_what_the_weak_model_explains_is_taken_out_of_the_belief() -> None:
    evidence, _, _ = planted()
    rest = evidence.take(np.flatnonzero(np.abs(evidence.probabilities[:, 1] - 0.5) > 0.1))
    belief = cross_fit(rest, PROBE, folds=3, repeats=1).logits(rest)
    for regress_out, limit in (("features", 0.15), ("nothing", 1.0)):
        explained = Explained.fit(rest, belief, linear=True, bins=30).predict(rest) if regress_out == "features" else 0.0
        residual = belief - explained
        correlation = max(abs(np.corrcoef(residual[:, 1], rest.weak[:, k])[0, 1]) for k in range(20))
        assert correlation <= limit
        assert (correlation > 0.3) == (regress_out == "nothing")


def test_with_two_classes_both_beliefs_are_mirror_images() -> None:
    evidence, _, _ = planted()
    belief = cross_fit(evidence, PROBE, folds=3, repeats=1).logits(evidence)
    np.testing.assert_allclose(belief[:, 0], -belief[:, 1], atol=1e-6)


def test_residual_belief_finds_overlap_where_absence_is_noise_and_nothing_where_there_is_no_hard_pattern() -> None:
    evidence, regions, _ = planted(absent="noise")
    assert overlap_auc(ResidualBelief(), evidence, regions) > 0.7
    evidence, regions, _ = planted(strength=0.0)
    assert abs(overlap_auc(ResidualBelief(), evidence, regions) - 0.5) < 0.1
    # The negative control: with zeros for absence, the mean cosine finds zeros although there is no pattern.
    assert overlap_auc(MeanCosine(), evidence, regions) > 0.99


def test_a_weak_label_that_residual_belief_supports_is_more_often_right() -> None:
    evidence, _, right = planted(absent="noise")
    partition = ResidualBelief().fit(evidence, PROBE).partition(evidence)
    easy, overlap = partition.members(Region.EASY), partition.members(Region.OVERLAP)
    assert right[overlap].mean() > right[easy].mean() + 0.05


def test_a_second_pass_learns_from_what_the_first_one_kept_alone() -> None:
    seen: list[int] = []

    class Counting:
        def fit(self, inputs: Inputs, targets: np.ndarray) -> object:
            seen.append(len(np.unique(inputs.features, axis=0)))
            return LogisticProbe().fit(inputs, targets)

    evidence, _, _ = planted()
    non_hard = int(np.sum(ResidualBelief().fit(evidence, PROBE).partition(evidence).regions != Region.HARD))
    ResidualBelief(passes=2, folds=2, repeats=1).fit(evidence, Counting())
    assert seen[0] + seen[1] == non_hard  # two folds: each point is trained on once
    assert seen[2] + seen[3] == pytest.approx(0.6 * non_hard, abs=2)


def test_more_passes_keep_more_right_labels_where_many_are_wrong() -> None:
    shares = []
    for passes in (1, 3):
        found = [planted(absent="noise", seed=seed) for seed in range(5)]
        parts = [ResidualBelief(passes=passes).fit(evidence, PROBE).partition(evidence) for evidence, _, _ in found]
        kept = [part.members(Region.OVERLAP) for part in parts]
        shares.append(np.mean([right[members].mean() for (_, _, right), members in zip(found, kept, strict=True)]))
    assert shares[1] > shares[0]


def test_a_threshold_without_a_split_ends_the_passes() -> None:
    class Never:
        def split(self, values: np.ndarray) -> None:
            return None

    evidence, _, _ = planted()
    once, often = (
        ResidualBelief(threshold=Never(), passes=passes).fit(evidence, PROBE).partition(evidence) for passes in (1, 5)
    )
    np.testing.assert_array_equal(once.score, often.score)
    assert once.reason == "the overlap scores show no split"


def test_a_gradual_cut_lets_points_below_the_threshold_in_and_stays_the_same_in_any_company() -> None:
    evidence, _, _ = planted()
    sharp, gradual, blind = (ResidualBelief(softness=width).fit(evidence, PROBE) for width in (0.0, 1.0, 1e6))
    regions = [fitted.partition(evidence).regions for fitted in (sharp, gradual, blind)]
    kept = regions[0] == Region.OVERLAP
    share = [np.mean(other[kept] == Region.OVERLAP) for other in regions]
    assert 1.0 == share[0] > share[1] > share[2]
    assert share[2] == pytest.approx(0.6, abs=0.1)  # at that width the score no longer counts
    alone = gradual.partition(evidence.take(slice(7, 8)))
    np.testing.assert_array_equal(alone.regions, regions[1][7:8])


def test_soft_labels_teach_the_students_probabilities() -> None:
    draw = np.random.default_rng(5)
    pool = points(draw.normal(size=(60, 3)), draw.uniform(0.4, 0.6, size=60), draw.normal(size=(60, 2)))
    hard, soft = (
        cross_fit(pool, LogisticProbe(), folds=3, repeats=1, labels=labels).logits(pool) for labels in ("hard", "soft")
    )
    assert np.abs(soft).max() < 0.5  # no target is far from one half
    assert np.abs(hard).max() > np.abs(soft).max()


def test_residual_belief_keeps_three_fifths_of_each_weak_class() -> None:
    evidence, _, _ = planted()
    partition = ResidualBelief().fit(evidence, PROBE).partition(evidence)
    classes = np.argmax(evidence.probabilities, axis=1)
    for k in (0, 1):
        rest = (partition.regions != Region.HARD) & (classes == k)
        assert np.mean(partition.regions[rest] == Region.OVERLAP) == pytest.approx(0.6, abs=0.01)


def test_with_exact_zeros_the_mean_cosine_is_perfect_and_the_maximum_is_not() -> None:
    evidence, regions, _ = planted()
    assert overlap_auc(MeanCosine(), evidence, regions) > 0.99
    assert overlap_auc(MaxAbsCosine(), evidence, regions) < 0.7


def test_random_scores_know_nothing_and_depend_on_the_seed_alone() -> None:
    evidence, regions, _ = planted()
    assert abs(overlap_auc(RandomDetector(), evidence, regions) - 0.5) < 0.08
    assert not np.array_equal(row_uniform(evidence, salt=1), row_uniform(evidence, salt=2))
    np.testing.assert_array_equal(evidence.take(slice(3, 5)).keys, evidence.keys[3:5])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ResidualBelief(folds=1), "folds=1"),
        (lambda: ResidualBelief(bins=0), "bins=0"),
        (lambda: ResidualBelief(passes=0), "passes=0"),
        (lambda: ResidualBelief(softness=-1.0), "softness=-1"),
        (lambda: ProbeDisagreement(repeats=0), "repeats=0"),
        (lambda: MixedNeighbourhood(k=0), "k=0"),
        (lambda: CutStatistic(k=0), "k=0"),
        (lambda: MapResidual(ridge=0.0), "ridge=0"),
        (lambda: MeanCosine(k=0), "k=0"),
        (lambda: MeanCosine(sharpness=0.0), "sharpness=0"),
    ],
)
def test_settings_outside_their_range_are_refused(make: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()
