"""Residual belief on planted truth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.detector.planted import PROBE, overlap_auc, planted
from w2s.detector import (
    MeanCosine,
    ResidualBelief,
)
from w2s.detector.belief import Explained, bin_means
from w2s.detector.crossfit import cross_fit
from w2s.model import LogisticProbe
from w2s.types import Inputs, Region


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


def test_a_gradual_cut_lets_points_below_the_threshold_in_and_stays_the_same_in_any_batch() -> None:
    evidence, _, _ = planted()
    sharp, gradual, blind = (ResidualBelief(softness=width).fit(evidence, PROBE) for width in (0.0, 1.0, 1e6))
    regions = [fitted.partition(evidence).regions for fitted in (sharp, gradual, blind)]
    kept = regions[0] == Region.OVERLAP
    share = [np.mean(other[kept] == Region.OVERLAP) for other in regions]
    assert 1.0 == share[0] > share[1] > share[2]
    assert share[2] == pytest.approx(0.6, abs=0.1)  # at that width the score no longer counts
    alone = gradual.partition(evidence.take(slice(7, 8)))
    np.testing.assert_array_equal(alone.regions, regions[1][7:8])


def test_residual_belief_keeps_three_fifths_of_each_weak_class() -> None:
    evidence, _, _ = planted()
    partition = ResidualBelief().fit(evidence, PROBE).partition(evidence)
    classes = np.argmax(evidence.probabilities, axis=1)
    for k in (0, 1):
        rest = (partition.regions != Region.HARD) & (classes == k)
        assert np.mean(partition.regions[rest] == Region.OVERLAP) == pytest.approx(0.6, abs=0.01)
