"""The figures of the studies show the numbers of their tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from w2s.report.figures.studies import arena_regret, audit_errors, detection_table, overlap_levels, picks_gains


def levels(*suffixes: str) -> pd.DataFrame:
    rows = {"n_overlap": [5, 10, 5, 10], "run": [0, 0, 1, 1]}
    values = {"weak": [0.6, 0.7, 0.62, 0.72], "student": [0.5, 0.8, np.nan, 0.8], "ceiling": [0.8, 0.9, 0.8, 0.9]}
    return pd.DataFrame(rows | {name + suffix: value for name, value in values.items() for suffix in suffixes})


def test_levels_are_means_over_the_runs_that_have_a_student_beside_what_was_published() -> None:
    expected = pd.DataFrame({"student": [0.51]}, index=[5])
    (panel,) = overlap_levels(levels(""), expected).axes
    weak, student, circle, _, _ = panel.lines
    np.testing.assert_allclose(weak.get_ydata(), [0.61, 0.71])
    np.testing.assert_allclose(student.get_ydata(), [0.5, 0.8])
    assert list(circle.get_ydata()) == [0.51]
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["weak", "student", "ceiling", "published"]


def test_a_region_without_points_has_no_panel() -> None:
    titles = [panel.get_title(loc="left") for panel in overlap_levels(levels("", "_easy")).axes]
    assert titles == ["All test points", "Easy only"]


def test_the_table_of_detectors_writes_each_value_on_its_cell() -> None:
    cells = {"setting": ["a", "b", "a", "b"], "detector": ["x", "x", "y", "y"]}
    values = {"auc": [0.5, 1.0, np.nan, 0.25], "behind": [-0.001, -0.02, 0.1, 0.0]}
    left, right = detection_table(pd.DataFrame(cells | values)).axes
    assert [(text.get_position(), text.get_text()) for text in left.texts] == [
        ((0, 0), ".50"),
        ((1, 0), "1.00"),
        ((1, 1), ".25"),
    ]
    assert [text.get_text() for text in right.texts] == [".00", "-.02", ".10", ".00"]
    assert [text.get_text() for text in left.get_yticklabels()] == ["x", "y"]


def test_the_picks_have_bars_of_two_standard_errors_and_the_first_detector_stands_above() -> None:
    frame = pd.DataFrame({"detector": ["x", "y"], "setting": "a", "gain": [0.1, 0.2], "se": [0.01, 0.02]})
    (panel,) = picks_gains(frame).axes
    (bars,) = panel.collections
    ends = [segment[:, 0].tolist() for segment in bars.get_segments()]
    np.testing.assert_allclose(ends, [[0.08, 0.12], [0.16, 0.24]])
    assert panel.yaxis_inverted()


def test_the_arena_draws_the_policies_asked_for_beside_the_bounds() -> None:
    cells = {"setting": "a", "policy": ["x", "x", "y", "y"], "round": [1, 2, 1, 2], "regret": [1.0, 2.0, 3.0, 4.0]}
    bounds = dict.fromkeys(("q05", "q95", "lai_robbins", "minimax", "explicit"), 5.0)
    (panel,) = arena_regret(pd.DataFrame(cells | bounds), ["y"]).axes
    assert [line.get_label() for line in panel.lines] == ["y", "Lai-Robbins", "√(K T)", "explicit bound"]
    assert list(panel.lines[0].get_ydata()) == [3.0, 4.0]


def test_the_audit_has_a_line_for_each_estimator() -> None:
    cells = {"estimator": ["x", "x", "y", "y"], "labels": [10, 20, 10, 20]}
    frame = pd.DataFrame(cells | {"error": [0.4, 0.2, 0.3, 0.1], "right_source": [0.5, 0.6, 0.7, 0.8]})
    error, right = audit_errors(frame).axes
    assert [list(line.get_ydata()) for line in error.lines] == [[0.4, 0.2], [0.3, 0.1]]
    assert [list(line.get_ydata()) for line in right.lines] == [[0.5, 0.6], [0.7, 0.8]]
