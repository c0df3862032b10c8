"""Gain and recovered gap, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.statistics.pgr import recovery
from w2s.types import BoolArray


def nested(weak: int, student: int, ceiling: int) -> BoolArray:
    """(1, 10, 3) correctness of three models, each right on the first of ten points."""
    return np.stack([np.arange(10) < n for n in (weak, student, ceiling)], axis=1)[None]


def test_gain_and_recovery_are_worked_by_hand() -> None:
    """10 points: weak right on 4, student on 6, ceiling on 8, nested: gain .2, gap .4, half of it recovered."""
    metrics = recovery(nested(4, 6, 8))
    assert metrics["gain"] == pytest.approx(0.2)
    # the paired differences are 2 ones and 8 zeros: variance .16 * 10 / 9 / 10, t(9) = 2.2622
    assert metrics["gain/high"] == pytest.approx(0.2 + 2.2622 * (0.16 / 9) ** 0.5, abs=1e-4)
    assert metrics["pgr"] == pytest.approx(0.5)
    assert metrics["pgr/defined"] == 1.0
    assert metrics["pgr/precise"] == 0.0  # ten points say little


def test_more_points_make_the_recovery_precise() -> None:
    metrics = recovery(np.tile(nested(4, 6, 8), (1, 100, 1)))
    assert metrics["pgr/precise"] == 1.0
    assert metrics["pgr/low"] < 0.5 < metrics["pgr/high"]


@pytest.mark.parametrize("ceiling", [4, 3, 5], ids=["no gap", "a gap below zero", "a gap within its noise"])
def test_where_the_gap_is_noise_there_is_a_gain_and_no_recovery(ceiling: int) -> None:
    metrics = recovery(nested(4, 6, ceiling))
    assert metrics["gain"] == pytest.approx(0.2)
    assert [metrics[name] for name in ("pgr", "pgr/low", "pgr/high")] == [None] * 3
    assert [metrics["pgr/defined"], metrics["pgr/precise"]] == [0.0, 0.0]


def test_seeds_that_agree_say_no_more_than_one_and_seeds_that_differ_widen_the_interval() -> None:
    one = recovery(np.tile(nested(4, 6, 8), (1, 30, 1)))
    agreeing = recovery(np.tile(nested(4, 6, 8), (5, 30, 1)))
    differing = recovery(np.concatenate([np.tile(nested(4, 5 + k, 9), (1, 30, 1)) for k in range(3)]))
    widths = [metrics["gain/high"] - metrics["gain/low"] for metrics in (one, agreeing, differing)]  # type: ignore[operator]
    assert widths[1] == pytest.approx(widths[0], rel=0.02)
    assert widths[2] > 2 * widths[0]
