"""Every control of the mixing study stands beside the overlap points with its interval over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.report.sweeps import family
from w2s.report.mixing_controls import controls_section
from w2s.statistics.intervals import t_interval

OVERLAP = [0.80, 0.81, 0.79, 0.82, 0.80, 0.81]
CONTROL = [0.76, 0.78, 0.75, 0.77, 0.77, 0.77]


def test_a_control_has_its_accuracies_and_what_overlap_gains_over_it_with_intervals() -> None:
    metrics = {"mixing/gain": [0.04] * 6, "mixing/1.0/balanced": OVERLAP, "mixing/random_non_hard/balanced": CONTROL}
    table = controls_section([family({"paper ucb": {**metrics, "mixing/random_non_hard": CONTROL}})])
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == {"overlap points", "confident points"}
    _, plain, balanced, difference, verdict = rows["confident points"]
    expected = t_interval(np.array(CONTROL))
    assert plain == balanced == pytest.approx((100 * expected.value, 100 * expected.low, 100 * expected.high))
    assert difference[0] == pytest.approx(100 * (np.mean(OVERLAP) - np.mean(CONTROL)))
    assert verdict == "better"
    assert rows["overlap points"][3] is None


def test_policies_share_one_set_of_rows_and_detectors_have_one_each() -> None:
    metrics = {"mixing/gain": [0.04, 0.05], "mixing/1.0/balanced": OVERLAP[:2], "mixing/gold/balanced": CONTROL[:2]}
    other = {name: [value + 0.01 for value in values] for name, values in metrics.items()}
    table = controls_section([family({"paper ucb": metrics, "paper thompson": metrics, "mean ucb": other})])
    assert [row[:2] for row in table.rows] == [
        ["mean", "overlap points"],
        ["mean", "gold labels"],
        ["paper", "overlap points"],
        ["paper", "gold labels"],
    ]


def test_without_a_mixing_study_there_is_no_row() -> None:
    assert controls_section([family({"paper ucb": {"gain": [0.1, 0.2]}})]).rows == []
