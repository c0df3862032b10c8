"""Batches that are followed against the same rules written out plainly, everything computed anew each time."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.detector import MaxAbsCosine, MeanCosine, SimilarityDetector
from w2s.detector.change_point import ChangePoint
from w2s.errors import ConfigError
from w2s.types import Evidence, Region


def evidence(n=240, d=12, seed=0):
    draw = np.random.default_rng(seed)
    p = draw.beta(0.6, 0.6, size=n)
    strong, weak = draw.normal(size=(n, d)), np.zeros((n, 1))
    return Evidence(strong, weak, np.stack([1 - p, p], axis=1))


def plainly(detector, whole, batches):
    """The regions of each batch, from the rules alone."""
    hard_so_far, rest_so_far, found = [], [], []
    for batch in batches:
        strong, p = whole.strong[batch], whole.probabilities[batch, 1]
        c = 2 * np.abs(p - 0.5)
        tau = ChangePoint().split(c)
        hard = c <= tau if detector.hard_ties == "hard" else c < tau
        hard_so_far.extend(strong[hard])
        rest_so_far.extend(strong[~hard])
        a, z = np.array(rest_so_far), np.array(hard_so_far)
        if detector.kernel == "product":
            products = a @ z.T
        else:
            products = np.abs(a @ z.T) / np.linalg.norm(a, axis=1)[:, None] / np.linalg.norm(z, axis=1)
        scores = products.max(axis=1)
        overlap = scores >= ChangePoint().split(scores)
        regions = np.where(hard, int(Region.HARD), int(Region.EASY))
        regions[~hard] = np.where(overlap[len(overlap) - np.sum(~hard) :], int(Region.OVERLAP), int(Region.EASY))
        found.append(regions)
    return found


@pytest.mark.parametrize("kernel", ["abs_cosine", "product"])
@pytest.mark.parametrize("hard_ties", ["hard", "not_hard"])
def test_following_recomputes_nothing_and_changes_nothing(kernel, hard_ties):
    whole, batches = evidence(), np.arange(240).reshape(12, 20)
    detector = SimilarityDetector(kernel=kernel, aggregate="max", hard_ties=hard_ties)
    follower = detector.online()
    followed = [follower.add(whole.take(batch)).regions for batch in batches]
    np.testing.assert_array_equal(followed, plainly(detector, whole, batches))
    assert {int(code) for regions in followed for code in regions} == {0, 1, 2}


def test_what_was_seen_before_matters():
    whole = evidence()
    alone = MaxAbsCosine().online().add(whole.take(np.arange(200, 240)))
    follower = MaxAbsCosine().online()
    follower.add(whole.take(np.arange(200)))
    after = follower.add(whole.take(np.arange(200, 240)))
    assert np.nanmean(after.score) > np.nanmean(alone.score)  # a maximum over more hard points


def test_a_batch_without_a_split_is_not_assigned_and_not_kept():
    whole = evidence()
    same = Evidence(whole.strong, whole.weak, np.full((240, 2), 0.5))
    follower = MaxAbsCosine().online()
    assert set(follower.add(same.take(np.arange(20))).regions) == {int(Region.UNKNOWN)}
    assert follower.hard is None


def test_a_batch_of_one_point_is_not_assigned():
    assert MaxAbsCosine().online().add(evidence().take(np.arange(1))).regions.tolist() == [int(Region.UNKNOWN)]


def test_only_maxima_are_followed():
    with pytest.raises(ConfigError, match="aggregate=mean"):
        MeanCosine().online()
