"""Settings are compared on the seeds they share, with their controls and with one another, all together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.report.sweeps import family
from w2s.report.compare import MOST_SETTINGS, Contrast, contrasts, table_of

STEADY = [0.05 + k / 1e4 for k in range(8)]


def found(kind: str, metric: str, values: dict[str, Sequence[float]], **more: str) -> list[Contrast]:
    known = contrasts(family({name: {metric: series} for name, series in values.items()}, **more))
    return [each for each in known if (each.kind, each.metric) == (kind, metric)]


def test_a_gain_is_held_against_its_control() -> None:
    (row,) = found("control", "mixing/gain", {"paper ucb": STEADY, "paper thompson": STEADY})
    assert (row.first, row.second, row.seeds, row.tests) == ("all 2 settings", "confident points", 8, 1)
    assert row.difference == pytest.approx(np.mean(STEADY))
    assert row.p == pytest.approx(2**-7)
    assert row.verdict == "better"
    assert row.members == ("paper thompson", "paper ucb")


def test_a_steady_difference_is_found_and_paired_by_seed() -> None:
    seeds = np.random.default_rng(0).normal(0.1, 0.1, 8)  # seeds differ by far more than the settings
    (row,) = found("factor", "mixing/gain", {"a ucb": list(seeds + STEADY), "b ucb": list(seeds)})
    assert (row.factor, row.first, row.second) == ("detector", "a", "b")
    assert row.difference == pytest.approx(np.mean(STEADY))
    assert row.low > 0
    assert row.p == pytest.approx(2**-7)


def test_a_factor_is_averaged_over_all_that_differs_besides() -> None:
    base = np.random.default_rng(0).normal(0, 0.05, (2, 8))
    values = {
        f"{detector} {policy}": list(base[k] + (policy == "ucb") * (k + 1) / 100)
        for k, detector in enumerate(("a", "b"))
        for policy in ("ucb", "thompson")
    }
    rows = {row.factor: row for row in found("factor", "selection/gain", values)}
    assert rows["policy"].favourable().first == "ucb"
    assert abs(rows["policy"].difference) == pytest.approx(0.015)
    assert rows["policy"].favourable().verdict == "better"


def test_what_cannot_differ_is_not_compared() -> None:
    values = {"a ucb": STEADY, "b ucb": [2 * value for value in STEADY]}
    assert found("factor", "gain", values) == []  # the gain does not depend on the detector
    policies = {"a ucb": STEADY, "a thompson": [2 * value for value in STEADY]}
    assert found("factor", "mixing/gain", policies) == []
    assert found("factor", "selection/gain", {"a ucb": STEADY, "a thompson": STEADY}) == []


def test_what_is_measured_by_different_yardsticks_is_not_compared() -> None:
    values = {"a ucb": STEADY, "b ucb": [2 * value for value in STEADY]}
    assert found("factor", "selection/regret", values) == []
    assert found("factor", "selection/accuracy", values, sources="artificial, dealt from detected regions") == []
    assert len(found("factor", "selection/accuracy", values, sources="the data's own")) == 1


def test_less_regret_is_better() -> None:
    (row,) = found("factor", "selection/regret", {"a ucb": [3 + v for v in STEADY], "a thompson": STEADY})
    assert row.favourable().first == "thompson"
    assert row.favourable().verdict == "better"
    assert row.favourable().turned().verdict == "worse"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.1], "1 seed tells nothing"),
        (STEADY[:5], "5 seeds cannot reach .05"),
        (STEADY[:6], "better"),
        ([-value for value in STEADY], "worse"),
        ([0.1, -0.1, 0.05, -0.06, 0.01, -0.02], "not told apart"),
    ],
)
def test_a_verdict_says_what_the_test_can_tell(values: list[float], verdict: str) -> None:
    (row,) = found("control", "gain", {"a ucb": values})
    assert row.verdict == verdict


def test_only_shared_seeds_count() -> None:
    (row,) = found("factor", "mixing/gain", {"a ucb": [0.1, 0.2, 0.9], "b ucb": [0.0, 0.1]})
    assert row.seeds == 2
    assert abs(row.difference) == pytest.approx(0.1)


def test_very_many_values_are_each_compared_with_the_first_and_all_others_with_a_baseline() -> None:
    draw = np.random.default_rng(1)
    many = family({f"d{k} ucb": {"mixing/gain": list(draw.random(3))} for k in range(MOST_SETTINGS + 5)})
    rows = [row for row in contrasts(many) if row.kind == "factor"]
    assert len(rows) == MOST_SETTINGS + 4
    assert {row.second for row in rows} == {"d0"}
    few = family({f"d{k} ucb": {"mixing/gain": list(draw.random(3))} for k in range(4)})
    rows = contrasts(few, "d2 ucb")
    assert {(row.first, row.second) for row in rows if row.kind != "control"} == {("d0", "d2"), ("d1", "d2"), ("d3", "d2")}
    assert {row.tests for row in rows if row.kind == "factor"} == {3}
    assert len([row for row in contrasts(few) if row.kind == "factor"]) == 6


def test_the_same_difference_is_said_once() -> None:
    """With one weak model for all the students differ exactly as their gains do."""
    values = {"gain": STEADY, "student/accuracy": [0.7 + value for value in STEADY]}
    twice = {name: [2 * v for v in series] for name, series in values.items()}
    twice["student/accuracy"] = [0.7 + value for value in twice["gain"]]
    known = contrasts(family({"a ucb": values, "b ucb": twice}))
    assert {row.metric for row in known} == {"gain"}


def test_the_table_of_contrasts_has_a_row_each_with_its_verdict() -> None:
    table = table_of(contrasts(family({"a ucb": {"gain": STEADY}})))
    assert table["verdict"].tolist() == ["better"]
    assert len(table_of([])) == 0
