"""A study of many has one row for each of them, in words that need no key to the metrics' names."""

from __future__ import annotations

import pytest

from w2s.report.study_tables import study_table

DETECTORS = {
    "detection/settings_helped": 9.0,
    "detection/plain/auc": 0.5,
    "detection/plain/useful_auc": 0.4,
    "detection/plain/gain": 0.0,
    "detection/plain/within": 2.0,
    "detection/sharp/auc": None,
    "detection/sharp/useful_auc": 0.8,
    "detection/sharp/gain": 0.0316,
    "detection/sharp/within": 7.0,
    "detection/dumb/auc": 0.1,
    "detection/dumb/useful_auc": 0.1,
    "detection/dumb/gain": None,
    "detection/dumb/within": 0.0,
    "detection/best_within": 8.0,
}


def test_every_detector_has_a_row_with_its_gain_in_points_the_best_first() -> None:
    found = study_table(DETECTORS)
    assert found is not None
    assert found.rows == [
        ["sharp", None, pytest.approx(3.16), "7 of 9"],
        ["plain", 0.5, 0.0, "2 of 9"],
        ["dumb", 0.1, None, "0 of 9"],
    ]


def test_where_overlap_never_helps_the_table_says_so() -> None:
    found = study_table({"detection/settings_helped": 0.0, "detection/best_within": 0.0})
    assert found is not None
    assert list(found.rows) == []
    assert "in no setting" in found.caption


def test_picks_show_the_gain_with_its_interval_over_sets_and_the_joint_p() -> None:
    many = {"picks/a/gain": 0.011, "picks/a/low": -0.004, "picks/a/high": 0.026, "picks/a/p_joint": 0.012}
    one = {"picks/b/gain": 0.02, "picks/b/low": None, "picks/b/high": None, "picks/b/p_joint": 0.5}
    found = study_table(many | one)
    assert found is not None
    assert found.rows == [
        ["b", (2.0, None, None), 0.5],
        ["a", (pytest.approx(1.1), pytest.approx(-0.4), pytest.approx(2.6)), 0.012],
    ]


def test_the_arena_has_a_row_per_policy_the_least_regret_first_and_no_row_of_spreads() -> None:
    found = study_table({"arena/k2/a": 3.0, "arena/k2/a/sd": 1.0, "arena/k5/a": 3.0, "arena/k2/b": 1.0, "arena/k5/b": 4.0})
    assert found is not None
    assert [column.label for column in found.columns] == ["policy", "k2", "k5"]
    assert found.rows == [["b", 1.0, 4.0], ["a", 3.0, 3.0]]


def test_the_audit_has_a_row_per_estimator_by_labels_in_their_order() -> None:
    few = {"audit/audit_alone/100/error": 0.02, "audit/audit_alone/100/right_source": 0.97}
    found = study_table(few | {"audit/audit_alone/25/error": 0.1, "audit/audit_alone/25/right_source": 0.6})
    assert found is not None
    assert [column.label for column in found.columns] == ["estimator", "25", "100", "error, 100"]
    assert found.rows == [["audit alone", 60.0, 97.0, 0.02]]


def test_the_theory_has_a_row_per_set_of_test_points_and_the_slope_below() -> None:
    terms = {"weak_error": 0.25, "error": 0.2, "correction_rate": 0.5, "worst_correction": None, "bound": None}
    slope = {"theory/slope": 0.05, "theory/slope/low": 0.01, "theory/slope/high": 0.09}
    found = study_table({f"theory/planted_hard/{name}": value for name, value in terms.items()} | slope)
    assert found is not None
    assert found.rows == [["planted hard", 25.0, 20.0, 50.0, None, None]]
    assert found.caption.endswith("at equal size: +5.0 points [1.0, 9.0].")
    skipped = study_table({"theory/all/error": 0.1, "theory/slope": None})
    assert skipped is not None
    assert skipped.caption.endswith("at equal size: undefined.")


def test_the_synthetic_experiment_has_a_row_per_level_in_their_order() -> None:
    found = study_table(
        {"synthetic/10/weak": 0.7, "synthetic/10/student": 0.6, "synthetic/5/weak": 0.65, "synthetic/dropped": 0.1}
    )
    assert found is not None
    assert found.rows == [[5, 65.0, None], [10, 70.0, 60.0]]


def test_the_studies_on_one_pool_have_no_such_table() -> None:
    assert study_table({"gain": 0.1, "mixing/gain": 0.1, "selection/take/arena": 3.0}) is None
    assert study_table({}) is None


def test_refiners_show_their_gain_and_the_rest_beside_it_the_best_first() -> None:
    keys = ("low", "high", "p_joint", "over_random", "label_part", "dropped", "precision", "recall", "p_random")
    rest = dict.fromkeys((*keys, "other_part", "seconds"), 0.1)
    metrics = {
        f"refinement/{name}/{key}": value
        for name, gain in (("a", 0.01), ("b", 0.02))
        for key, value in {**rest, "gain": gain, "precision": None}.items()
    }
    found = study_table(metrics)
    assert found is not None
    assert [row[:3] for row in found.rows] == [["b", (2.0, 10.0, 10.0), 0.1], ["a", (1.0, 10.0, 10.0), 0.1]]
    assert [column.label for column in found.columns if not column.aside] == [
        *("refiner", "gain, points", "p, joint", "over random, points", "by right labels, points")
    ]
