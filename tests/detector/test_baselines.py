"""Scores that know nothing."""

from __future__ import annotations

import numpy as np

from tests.detector.planted import overlap_auc, planted
from w2s.detector import (
    RandomDetector,
)
from w2s.detector.rows import row_uniform


def test_random_scores_know_nothing_and_depend_on_the_seed_alone() -> None:
    evidence, regions, _ = planted()
    assert abs(overlap_auc(RandomDetector(), evidence, regions) - 0.5) < 0.08
    assert not np.array_equal(row_uniform(evidence, salt=1), row_uniform(evidence, salt=2))
    np.testing.assert_array_equal(evidence.take(slice(3, 5)).keys, evidence.keys[3:5])
