from __future__ import annotations

import numpy as np
import pytest

from w2s.errors import ConfigError
from w2s.results.recorder import Recorder
from w2s.study.audit import (
    ESTIMATORS,
    Audit,
    Audits,
    by_own_correction,
    by_pooled_correction,
    by_prediction,
    by_strata,
)

REVERSED = {"densities": (0.3, 0.45), "false_positive": (0.3, 0.05), "false_negative": (0.1, 0.4)}


def one_audit():
    """One source, detected .4, ten labels: of five found 3 overlap, of five not found 1 does."""
    found = np.array([[[True] * 5 + [False] * 5]])
    truth = np.array([[[True, True, True, False, False, True, False, False, False, False]]])
    return Audits(np.array([[0.4]]), found, truth)


def test_post_stratification_by_hand():
    # .4 x 3/5 + .6 x 1/5 = .36
    assert by_strata(one_audit())[0, 0] == pytest.approx(0.36)


def test_prediction_powered_inference_by_hand():
    # .4 + (4 - 5) / 10 = .3
    assert by_prediction(one_audit())[0, 0] == pytest.approx(0.3)


def test_rogan_gladen_by_hand():
    # a = 2/6, b = 1/4: (.4 - 1/3) / (1 - 1/3 - 1/4) = .16
    assert by_own_correction(one_audit())[0, 0] == pytest.approx(0.16)


def test_a_stratum_without_an_audited_point_takes_the_whole_audit():
    audits = one_audit()
    only_found = Audits(audits.detected, audits.found[:, :, :5], audits.truth[:, :, :5])
    assert by_strata(only_found)[0, 0] == pytest.approx(0.4 * 0.6 + 0.6 * 0.6)


def test_detected_densities_are_those_of_the_formula():
    detected = Audit(**REVERSED, repetitions=400).draw(50).detected.mean(axis=0)
    np.testing.assert_allclose(detected, [0.3 + 0.6 * 0.3, 0.05 + 0.55 * 0.45], atol=0.003)


def test_only_what_looks_at_each_source_corrects_a_reversed_order():
    audits = Audit(**REVERSED).draw(50)
    right = {name: float(np.mean(np.argmax(estimate(audits), axis=1) == 1)) for name, estimate in ESTIMATORS.items()}
    assert right["detector"] < 0.01
    assert right["pooled correction"] < 0.01
    assert right["post-stratified"] > 0.9
    assert right["post-stratified"] > right["audit alone"]
    assert right["correction by source"] < right["audit alone"]


def test_the_pooled_correction_keeps_the_order_of_the_detector():
    audits = Audit(densities=(0.2, 0.4, 0.5), false_positive=(0.1,) * 3, false_negative=(0.2,) * 3).draw(100)
    corrected = by_pooled_correction(audits)
    inside = (corrected > 0).all(axis=1) & (corrected < 1).all(axis=1)
    before, after = np.argsort(audits.detected[inside], axis=1), np.argsort(corrected[inside], axis=1)
    np.testing.assert_array_equal(before, after)


def test_a_run_has_a_row_for_each_estimator_and_number_of_labels():
    recorder = Recorder()
    Audit(**REVERSED, labels=(10, 50), repetitions=200).run(recorder)
    assert len(recorder.tables["audit"]) == 2 * len(ESTIMATORS)
    assert recorder.metrics["audit/post-stratified/50/right_source"] > 0.8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"densities": (0.5,)}, "densities=.*: it should hold at least 2"),
        ({"false_positive": (0.1,)}, "one is needed for each of the 2 sources"),
        ({"labels": ()}, "labels="),
        ({"size": 50}, "its 200 labels"),
    ],
)
def test_wrong_arguments_are_refused(arguments, said):
    with pytest.raises(ConfigError, match=said):
        Audit(**{**REVERSED, **arguments})
