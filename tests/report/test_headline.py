"""The gain comes first, and a PGR that means nothing is not printed as a number."""

from __future__ import annotations

from w2s.report.headline import headline, left_out, pgr_line

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


SOURCES = {
    "selection/take/city a": 156.0,
    "selection/source_density/city a": 0.506,
    "selection/source_density/city a/low": 0.429,
    "selection/source_density/city a/high": 0.584,
    "selection/best_chance/city a": 0.991,
    "selection/take/city b": 200.0,
    "selection/source_density/city b": None,
}


def test_a_source_shows_its_density_beside_the_densitys_interval_and_says_how_much_to_take() -> None:
    first, second = headline(SOURCES)
    assert (second.label, second.value, second.interval) == ("city a, density", "50.6 %", "42.9 to 58.4")
    assert second.remark == "take 156, best with chance 0.99"
    assert (first.label, first.value, first.interval) == ("city b, density", "undefined", "")


def test_sources_that_the_study_made_up_are_called_artificial() -> None:
    lines = headline(SOURCES, {"sources": "artificial, dealt from detected regions"})
    assert [line.label for line in lines] == ["artificial city b, density", "artificial city a, density"]
    assert headline(SOURCES, {"sources": "the data's own"}) == headline(SOURCES)


def test_gold_labels_have_a_line_only_where_the_student_is_worth_a_number_of_them() -> None:
    (line,) = headline({"selection/gold_labels": 1145.0})
    assert line.value == "1,145"
    assert headline({"selection/gold_labels": None}) == []


def test_parts_that_are_left_out_for_one_reason_are_one_text_and_whole_parts_of_a_study_are_told_apart() -> None:
    skipped = {"mixing/easy": "too few", "mixing/easy/balanced": "too few", "selection": "no overlap"}
    assert left_out(skipped) == [
        ("not measured: mixing/easy, mixing/easy/balanced (too few)", False),
        ("not measured: selection (no overlap)", True),
    ]


def test_undefined_values_are_said_to_be_so() -> None:
    (line,) = headline({"mixing/gain": None, "mixing/gain/low": None, "mixing/gain/high": None})
    assert (line.value, line.interval) == ("undefined", "")
