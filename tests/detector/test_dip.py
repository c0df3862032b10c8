"""The dip against values worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.detector.dip import dip


def test_an_even_grid_has_the_smallest_dip() -> None:
    # The uniform distribution through the grid leaves only the steps of the empirical one: half a step, 1 / (2 n).
    assert dip(np.arange(20.0)) == pytest.approx(1 / 40)


def test_two_equal_far_groups_have_the_largest_dip() -> None:
    # Half of the mass at 0 and half at 1: no unimodal distribution comes nearer than 1 / 4.
    assert dip(np.repeat([0.0, 1.0], 10)) == pytest.approx(0.25)


def test_equal_values_and_tiny_batches_are_unimodal() -> None:
    assert dip(np.full(10, 3.0)) == pytest.approx(1 / 20)
    assert dip(np.array([1.0, 7.0])) == pytest.approx(1 / 4)


def test_the_dip_ignores_location_scale_and_direction() -> None:
    values = np.sort(np.random.default_rng(0).normal(size=50) + np.repeat([0, 4], 25))
    assert dip(1e3 * values - 7) == pytest.approx(dip(values))
    assert dip(np.sort(-values)) == pytest.approx(dip(values))


def test_a_gap_in_the_middle_deepens_the_dip() -> None:
    grid = np.arange(40.0)
    gapped = np.where(grid < 20, grid, grid + 30)
    assert dip(gapped) > 4 * dip(grid)
