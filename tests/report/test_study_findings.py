"""What studies of many members found is said in sentences, too."""

from __future__ import annotations

from w2s.report.findings import run_findings

GAINS = {"a": (0.02, 0.01, 0.03, 0.0001), "b": (-0.01, -0.02, 0.0, 0.04), "oracle_filter": (0.05, 0.04, 0.06, 0.0001)}


def test_the_best_refiner_that_knows_no_truth_is_named_with_how_many_are_told_apart() -> None:
    keys = ("gain", "low", "high", "p_joint")
    metrics = {
        f"refinement/{name}/{key}": value for name, row in GAINS.items() for key, value in zip(keys, row, strict=True)
    }
    assert run_findings(metrics) == [
        "Of 2 refiners a gained most: +2.0 points [1.0, 3.0] over no refiner (joint p < .001).",
        "1 gained beyond noise (joint p at most .05), 1 lost, and 0 are not told apart.",
    ]
    one = {name.replace("refinement", "picks"): value for name, value in metrics.items() if "/b/" in name}
    assert run_findings(one) == ["b gained -1.0 points [-2.0, 0.0] over confident points (joint p = .040)."]


def test_detectors_policies_and_levels_are_sentences_too() -> None:
    detection = {"detection/settings_helped": 8.0, "detection/best_within": 8.0}
    for name, gain, within in (("oracle", 0.05, 8.0), ("x", 0.03, 7.0), ("y", None, 0.0)):
        detection |= {f"detection/{name}/gain": gain, f"detection/{name}/within": within, f"detection/{name}/auc": None}
    assert run_findings(detection) == [
        "Of 1 detectors x gained most: +3.0 points over confident points, "
        "within one standard error of the oracle in 7 of 8 settings."
    ]
    assert run_findings({"arena/two/ucb": 3.0, "arena/two/random": 9.0}) == [
        "two: ucb has the least mean regret, 3.00, before random with 9.00."
    ]
    slope = {"theory/slope": 0.02, "theory/slope/low": -0.01, "theory/slope/high": 0.05}
    assert run_findings(slope) == [
        "From no overlap to overlap alone, at equal size, the student's accuracy changed by "
        "+2.0 points [-1.0, 5.0], within noise."
    ]


def test_a_study_that_could_compare_nothing_says_nothing() -> None:
    assert run_findings({"detection/settings_helped": 0.0, "detection/x/gain": None}) == []
    assert run_findings({f"picks/x/{key}": None for key in ("gain", "low", "high", "p_joint")}) == []
