"""What was found is said in sentences that the numbers make."""

from __future__ import annotations

import pytest

from tests.report.sweeps import family
from w2s.report.compare import contrasts
from w2s.report.findings import findings, run_findings

NOISE = [0.001, -0.002, 0.003, -0.001, 0.002, -0.003, 0.001, -0.001]


def said(values: dict[str, dict[str, list[float]]], **more: str) -> str:
    known = family(values, **more)
    return "\n".join(findings([known], contrasts(known)))


def around(mean: float, seeds: int = 8) -> list[float]:
    return [mean + noise for noise in NOISE[:seeds]]


def test_one_setting_is_held_against_its_control_with_interval_seeds_and_p() -> None:
    text = said({"paper ucb": {"gain": around(0.05)}})
    found, words = text.splitlines()
    assert found == "The student gained +5.0 points [4.8, 5.2] over the weak model (8 seeds, better, joint p = .008)."
    assert words.startswith("Joint p: of all differences of a measure")


def test_the_best_setting_comes_first_and_the_others_behind_it() -> None:
    text = said({f"{name} ucb": {"mixing/gain": around(mean)} for name, mean in {"a": 0.01, "b": 0.04, "c": 0.0}.items()})
    first, between, words = text.splitlines()
    assert words.startswith("Confident points: as many points drawn from those that are not hard. Joint p: ")
    assert first.startswith(
        "Training on overlap points gained most with b: +4.0 points [3.8, 4.2] over confident points (8 seeds, better,"
    )
    assert "a +1.0 points [0.8, 1.2]" in first
    assert "c -0.0 points" in first or "c +0.0 points" in first
    assert "(not told apart)" in first
    assert between.startswith("Between values of detector, in mixing gain: b is +3.0 points")
    assert "over a" in between
    assert "over c" in between


def test_too_few_seeds_are_said_to_be_so_with_how_many_would_tell() -> None:
    text = said({"paper ucb": {"gain": around(0.004, 5)}})
    assert "5 seeds, joint p = .062: too few seeds for any test to reach .05; about 6 seeds, 1 more, would tell" in text
    assert "5 seeds cannot reach p = .05 in a test by sign flips: at least 6 are needed." in text
    assert "1 seed: nothing is known of others; at least 6 are needed" in said({"paper ucb": {"gain": [0.1]}})


def test_settings_that_cannot_differ_are_one_sentence() -> None:
    text = said({"paper ucb": {"gain": around(0.05)}, "mean thompson": {"gain": around(0.05)}})
    assert "in all 2 settings alike" in text
    assert "Between" not in text


def test_a_policy_is_compared_within_each_detector_where_the_sources_are_artificial() -> None:
    values = {
        f"{detector} {policy}": {"selection/gain": around(0.01 * k + 0.02 * (policy == "ucb"))}
        for k, detector in enumerate(("a", "b"))
        for policy in ("ucb", "thompson")
    }
    artificial = said(values, sources="artificial, dealt from detected regions")
    assert "Between values of policy, in selection gain: ucb is +2.0 points" in artificial
    assert "Between values of detector" not in artificial
    assert "Selection is not compared between values of detector: each buys from artificial sources" in artificial
    own = said(values, sources="the data's own")
    assert "Between values of detector, in selection gain: b is +1.0 points" in own
    assert "not compared" not in own


def test_several_data_sets_are_named() -> None:
    known = [family({"paper ucb": {"gain": around(0.05)}}, dataset=name) for name in ("one", "two")]
    sentences = findings(known, [each for part in known for each in contrasts(part)])
    assert [sentence.split(":")[0] for sentence in sentences] == ["one", "two", "Joint p"]


def test_one_run_speaks_of_its_own_models_and_of_noise() -> None:
    metrics = {"gain": 0.074, "gain/low": 0.044, "gain/high": 0.105, "mixing/gain": -0.011, "mixing/gain/low": -0.036}
    found = run_findings({**metrics, "mixing/gain/high": 0.014, "selection/gain": None})
    assert found == [
        "The student gained +7.4 points [4.4, 10.5] over the weak model.",
        "Training on overlap points gained -1.1 points [-3.6, 1.4] over confident points, "
        "within the noise of the test points.",
        "This is one seed: intervals are about these trained models, and other seeds may differ.",
    ]
    assert run_findings({"arena/a/b": 1.0}) == []


@pytest.mark.parametrize("n", [6, 12])
def test_many_settings_are_counted_not_listed(n: int) -> None:
    text = said({f"d{k} ucb": {"mixing/gain": around(0.01 * k)} for k in range(n)})
    assert f"{n - 1} others from -0.0 to +{n - 2}.0" in text.replace("+0.0 to", "-0.0 to")
