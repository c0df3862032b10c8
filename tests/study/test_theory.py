"""The theory's quantities, on cases whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pool.pools import prepared, with_regions
from w2s.results.recorder import Recorder
from w2s.study.theory import Terms, Theory, slope, worst_correction
from w2s.types import Region


def test_terms_are_worked_by_hand() -> None:
    """Ten points: the weak model wrong on four, of which the student corrects three; it errs on two of the others."""
    truth = np.zeros(10, dtype=int)
    weak = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    student = np.array([0, 0, 0, 1, 1, 1, 0, 0, 0, 0])
    terms = Terms.of(student, weak, truth)
    assert (terms.error, terms.disagreement, terms.weak_error) == (0.3, 0.5, 0.4)
    assert terms.correction_rate == pytest.approx(0.75)
    # With c the rate itself the bound is the error: disagreement .5 + (1 - 1.5) x .4.
    assert terms.bound(0.75) == pytest.approx(terms.error)
    assert terms.bound(0.5) == pytest.approx(0.5)
    assert Terms.of(truth, truth, truth).correction_rate is None


@given(st.integers(2, 5), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_error_is_taken_apart_to_rounding_for_any_number_of_classes(n_classes: int, n: int, seed: int) -> None:
    student, weak, truth = np.random.default_rng(seed).integers(n_classes, size=(3, n))
    terms = Terms.of(student, weak, truth)
    assert abs(terms.identity) < 1e-12
    assert n_classes > 2 or terms.otherwise_wrong == 0
    if terms.correction_rate is not None:
        assert terms.error <= terms.bound(terms.correction_rate) + 1e-12


def test_the_worst_set_of_the_family_is_found_and_the_bound_by_it_holds() -> None:
    """Two far groups, the weak model wrong on all: the student corrects 90 % of the one and 30 % of the other."""
    strong = np.repeat([[0.0, 0.0], [9.0, 9.0]], 50, axis=0) + np.random.default_rng(0).normal(size=(100, 2)) * 0.01
    truth, weak = np.zeros(100, dtype=int), np.ones(100, dtype=int)
    student = np.concatenate([np.repeat([0, 1], [45, 5]), np.repeat([0, 1], [15, 35])])
    assert worst_correction(student, weak, truth, strong, fewest=50, seed=0) == pytest.approx(0.3)
    assert worst_correction(student, weak, truth, strong, fewest=51, seed=0) == pytest.approx(0.6)
    assert worst_correction(student, weak, truth, strong, fewest=101, seed=0) is None
    terms = Terms.of(student, weak, truth)
    assert terms.bound(0.3) >= terms.error


def test_a_line_has_its_slope_and_the_same_points_for_all_shares_no_spread() -> None:
    shares = np.array([0.0, 0.5, 1.0])
    right = np.broadcast_to((0.4 + 0.2 * shares)[:, None, None], (3, 4, 10))
    interval = slope(shares, right)
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.2, 0.2, 0.2))


def test_the_interval_of_the_slope_covers_it() -> None:
    rng, shares, held = np.random.default_rng(0), np.array([0.0, 0.5, 1.0]), 0
    for _ in range(300):
        chances = 0.4 + rng.choice([-0.3, 0.5], (1, 1, 150), p=[0.375, 0.625]) * shares[:, None, None]  # .2 in the mean
        found = slope(shares, (rng.random((3, 5, 150)) < chances).astype(float))
        held += found.low <= 0.2 <= found.high
    assert held / 300 == pytest.approx(0.95, abs=0.04)


def test_a_run_records_all_sets_and_a_positive_slope_on_planted_overlap() -> None:
    recorder = Recorder()
    Theory(fewest=5).analyse(prepared(easy=150, hard=150, overlap=150), recorder)
    found = recorder.metrics
    for name in ("all", "hard", "planted_hard"):
        assert abs(found[f"theory/{name}/identity"]) < 1e-12
        assert found[f"theory/{name}/worst_correction"] <= found[f"theory/{name}/correction_rate"]
        assert found[f"theory/{name}/error"] <= found[f"theory/{name}/bound"] + 1e-12
    assert found["theory/slope/low"] > 0


def test_what_is_not_there_is_skipped_with_its_reason() -> None:
    pool, recorder = prepared(), Recorder()
    Theory().analyse(with_regions(pool, np.full(len(pool.partition), Region.EASY)), recorder)
    assert recorder.metrics["theory/slope"] is None
    assert "0 overlap" in recorder.skipped["theory/slope"]
