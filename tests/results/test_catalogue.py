"""One table says what every metric is."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from w2s.results.catalogue import CONTROLS, METRICS, base_of, describe, metric_of
from w2s.results.metric import Metric, Prominence, Unit


def test_no_two_entries_are_of_one_name_and_each_has_title_unit_and_one_line_of_explanation() -> None:
    assert len({metric.pattern for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.title
        assert metric.topic
        assert metric.explanation.endswith(".")
        assert "\n" not in metric.explanation
        assert metric.unit in get_args(Unit)
        assert metric.yardstick in get_args(get_type_hints(Metric)["yardstick"])


def test_a_control_of_mixing_is_called_the_same_everywhere() -> None:
    assert {name: metric_of(f"mixing/{name}").title for name in CONTROLS} == CONTROLS
    assert {metric.over for metric in METRICS if metric.pattern.endswith("}/gain")} >= {CONTROLS["random_non_hard"]}


@pytest.mark.parametrize(
    ("name", "pattern", "label"),
    [
        ("gain", "gain", "gain, points"),
        ("gain/low", "gain", "gain, points"),
        ("mixing/random_non_hard/balanced", "mixing/random_non_hard/balanced", "confident points, balanced, %"),
        ("mixing/0.3", "mixing/{share}", "overlap share 0.3, %"),
        ("detection/f1", "detection/f1", "detection F1"),
        ("detection/paper/auc", "detection/{detector}/auc", "AUC"),
        ("arena/k2/ucb/sd", "arena/{setting}/{policy}/sd", "regret, sd"),
        ("selection/source_density/a/b {c}/high", "selection/source_density/{source}", "density of a/b {c}, %"),
    ],
)
def test_a_name_finds_its_entry(name: str, pattern: str, label: str) -> None:
    found = describe(name)
    assert found is not None
    assert (found.pattern, found.label) == (pattern, label)


def test_a_metric_from_elsewhere_is_its_study_s_own_and_goes_by_its_name() -> None:
    assert describe("mine/number") is None
    assert describe("mixing/mine") is None
    found = metric_of("mine/number")
    assert (found.label, found.own, found.shown) == ("mine/number", True, Prominence.RUN)


def test_the_ends_of_an_interval_belong_to_what_is_before_them() -> None:
    assert [base_of(name) for name in ("gain", "gain/low", "pgr/high", "picks/a/low")] == ["gain", "gain", "pgr", "picks/a"]
    picks = describe("picks/a/low")
    assert picks is not None
    assert picks.pattern == "picks/{detector}/low"


def test_values_are_shown_in_their_unit() -> None:
    gain, regret, take = (metric_of(name) for name in ("gain", "selection/regret", "selection/take/a"))
    assert [gain.text(0.0449, sign=True), gain.text(-0.0001, sign=True), regret.text(4.006), take.text(1600.0)] == [
        "+4.5",
        "+0.0",
        "4.01",
        "1,600",
    ]
    assert gain.text(None) == gain.text(float("nan")) == "undefined"
