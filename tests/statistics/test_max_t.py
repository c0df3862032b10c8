"""Joint p-values under sign flips."""

from __future__ import annotations

import numpy as np

from w2s.statistics.max_t import max_t


def test_a_clear_gain_is_found_among_many_without_one() -> None:
    draw = np.random.default_rng(0)
    differences = draw.normal(size=(20, 10))
    differences[:, 3] += 2
    p = max_t(differences)
    assert p[3] < 0.001
    assert np.delete(p, 3).min() > 0.05


def test_the_family_wise_error_is_kept() -> None:
    draw = np.random.default_rng(1)
    shared = draw.normal(size=(150, 12, 1))
    smallest = [max_t(0.7 * shared[k] + draw.normal(size=(12, 8))).min() for k in range(150)]
    # 150 tests at 5 %: 7.5 expected, 14 is two and a half standard deviations above.
    assert sum(p <= 0.05 for p in smallest) <= 14


def test_losses_are_no_gains_and_missing_comparisons_are_left_out() -> None:
    differences = np.column_stack([np.full(10, -1.0) + np.linspace(-0.1, 0.1, 10), np.full(10, np.nan)])
    p = max_t(differences)
    assert p[0] > 0.9
    assert np.isnan(p[1])
