"""Joint p-values under sign flips."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.seeding import generator
from w2s.statistics.joint_test import compare, one_sided


def test_a_clear_gain_is_found_among_many_without_one() -> None:
    draw = np.random.default_rng(0)
    differences = draw.normal(size=(20, 10))
    differences[:, 3] += 2
    p = one_sided(differences)
    assert p[3] < 0.001
    assert np.delete(p, 3).min() > 0.05


def test_the_family_wise_error_is_kept() -> None:
    draw = np.random.default_rng(1)
    shared = draw.normal(size=(150, 12, 1))
    smallest = [one_sided(0.7 * shared[k] + draw.normal(size=(12, 8))).min() for k in range(150)]
    # 150 tests at 5 %: 7.5 expected, 14 is two and a half standard deviations above.
    assert sum(p <= 0.05 for p in smallest) <= 14


def test_losses_are_no_gains_and_missing_comparisons_are_left_out() -> None:
    differences = np.column_stack([np.full(10, -1.0) + np.linspace(-0.1, 0.1, 10), np.full(10, np.nan)])
    p = one_sided(differences)
    assert p[0] > 0.9
    assert np.isnan(p[1])


def test_a_joint_test_of_one_difference_is_the_sign_flip_test() -> None:
    # all 4 seeds agree: only the identity reaches it among 2^3 patterns (the others are counted with their mirror image)
    result = compare(np.array([[1.0], [2.0], [3.0], [4.0]]), generator(0, "test"))
    assert result.p[0] == pytest.approx(1 / 8)
    assert result.mean[0] == 2.5


def test_p_values_cover_all_comparisons_together() -> None:
    draw = np.random.default_rng(0)
    noise = draw.normal(size=(8, 40))
    alone = compare(noise[:, :1], generator(0, "test")).p[0]
    together = compare(noise, generator(0, "test")).p[0]
    assert together >= alone


def test_a_constant_difference_is_the_clearest_and_none_is_none() -> None:
    result = compare(np.column_stack([np.full(6, 0.5), np.zeros(6)]), generator(0, "test"))
    assert result.p.tolist() == [1 / 32, 1.0]


def test_one_seed_decides_nothing() -> None:
    result = compare(np.array([[0.5, -0.5]]), generator(0, "test"))
    assert result.p.tolist() == [1.0, 1.0]
    assert np.isnan(result.half_width).all()


def test_sampled_patterns_agree_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.random.default_rng(5).normal(0.4, 1.0, size=(15, 3))
    sampled = compare(differences, generator(0, "test")).p
    monkeypatch.setattr("w2s.statistics.joint_test.MOST_FLIPS", 1 << 14)
    np.testing.assert_allclose(sampled, compare(differences, generator(0, "test")).p, atol=0.02)


@pytest.mark.slow
def test_the_joint_test_rejects_a_true_null_one_time_in_twenty() -> None:
    draw = np.random.default_rng(6)
    shared = 0.7
    rejected = 0
    for k in range(1000):
        common = draw.normal(size=(10, 1))
        noise = np.sqrt(shared) * common + np.sqrt(1 - shared) * draw.normal(size=(10, 12))
        rejected += compare(noise, generator(k, "test")).p.min() <= 0.05
    assert 0.03 <= rejected / 1000 <= 0.07
