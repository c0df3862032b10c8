"""The gain comes first, and a PGR that means nothing is not printed as a number."""

from __future__ import annotations

from w2s.report.headline import headline, percent, pgr_line, points

TRANSFER = {
    "weak/accuracy": 0.8,
    "weak/accuracy/low": 0.76,
    "weak/accuracy/high": 0.84,
    "student/accuracy": 0.85,
    "ceiling/accuracy": 0.9,
    "gain": 0.05,
    "gain/low": 0.02,
    "gain/high": 0.08,
    "pgr": 0.5,
    "pgr/low": 0.3,
    "pgr/high": 0.7,
    "pgr/defined": 1.0,
    "pgr/precise": 1.0,
}


def test_the_gain_in_points_comes_first_with_its_interval() -> None:
    first = headline(TRANSFER)[0]
    assert (first.value, first.interval) == ("+5.0 points", "2.0 to 8.0")


def test_a_defined_and_precise_pgr_is_a_number_with_an_interval() -> None:
    line = pgr_line(TRANSFER)
    assert (line.value, line.interval, line.remark) == ("0.50", "0.30 to 0.70", "")


def test_a_pgr_over_a_gap_of_noise_is_not_defined() -> None:
    undefined = {**TRANSFER, "pgr": None, "pgr/low": None, "pgr/high": None, "pgr/defined": 0.0, "pgr/precise": 0.0}
    line = pgr_line(undefined)
    assert line.value == "not defined"
    assert "noise" in line.remark
    assert line.interval == ""


def test_a_wide_pgr_says_that_it_is_not_precise() -> None:
    assert "not precise" in pgr_line({**TRANSFER, "pgr/precise": 0.0}).remark


def test_only_what_was_measured_has_a_line() -> None:
    assert headline({}) == []
    assert {line.topic for line in headline(TRANSFER)} == {"transfer"}
    assert {line.topic for line in headline({"mixing/gain": 0.01, "overlap/density": 0.3})} == {"mixing", "overlap"}


def test_undefined_values_are_said_to_be_so() -> None:
    assert percent(None) == points(None) == "undefined"
    (line,) = headline({"mixing/gain": None, "mixing/gain/low": None, "mixing/gain/high": None})
    assert (line.value, line.interval) == ("undefined", "")
