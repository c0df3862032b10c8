"""Cosines to the hard points, on planted truth."""

from __future__ import annotations

from tests.detector.planted import overlap_auc, planted
from w2s.detector import (
    MaxAbsCosine,
    MeanCosine,
)


def test_with_exact_zeros_the_mean_cosine_is_perfect_and_the_maximum_is_not() -> None:
    evidence, regions, _ = planted()
    assert overlap_auc(MeanCosine(), evidence, regions) > 0.99
    assert overlap_auc(MaxAbsCosine(), evidence, regions) < 0.7
