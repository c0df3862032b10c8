"""Detectors evaluated on settings small enough to know the answer."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import pytest

from w2s.dataset.gaussian import Gaussian
from w2s.detector import MaxAbsCosine, MeanCosine, NoDetector, OracleDetector, RandomDetector
from w2s.errors import ConfigError
from w2s.model import Columns, LogisticProbe, Model, Raw
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.study.detection.detection import NON_HARD, Detection, scores, summary

DETECTORS = {"oracle": OracleDetector(), "random": RandomDetector(), "mean": MeanCosine(), "max": MaxAbsCosine()}


def setting(**changes: object) -> Preparation:
    return Preparation(
        dataset=Gaussian(**changes),
        weak_model=Model(Columns(stop=20), LogisticProbe(C=1.0, intercept=False)),
        strong_model=Model(Raw(), LogisticProbe(l2=1.0)),
        detector=RandomDetector(),
        labels="hard",
    )


@lru_cache
def evaluated() -> Recorder:
    recorder = Recorder()
    settings = {"zeros": setting(), "noise": setting(absent="noise"), "none": setting(overlap=0)}
    Detection(settings=settings, detectors={**DETECTORS, "silent": NoDetector()}, seeds=3).run(recorder)
    return recorder


def cell(frame: pd.DataFrame, name: str, detector: str) -> pd.Series:
    return frame[(frame.setting == name) & (frame.detector == detector)].iloc[0]


def test_a_study_of_many_pools_logs_one_line_a_setting(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    settings = {"zeros": setting(), "none": setting(overlap=0)}
    Detection(settings=settings, detectors=DETECTORS, seeds=2).run(Recorder())
    assert [message.split(" took ")[0] for message in caplog.messages] == ["setting 1 of 2: zeros", "setting 2 of 2: none"]


def test_every_setting_seed_and_detector_has_a_row() -> None:
    assert len(evaluated().tables["detection"]) == 3 * 3 * (len(DETECTORS) + 2)


def test_the_oracle_is_perfect_and_behind_nobody() -> None:
    row = cell(evaluated().tables["detection_summary"], "zeros", "oracle")
    assert row["auc"] == row["overlap_f1"] == row["hard_f1"] == row["easy_f1"] == 1.0
    assert row["behind"] == row["density_bias"] == 0.0


def test_zeros_are_found_by_the_mean_and_not_by_the_maximum_and_noise_by_neither() -> None:
    table = evaluated().tables["detection_summary"]
    assert cell(table, "zeros", "mean")["auc"] > 0.98
    assert cell(table, "zeros", "max")["auc"] < 0.6
    assert cell(table, "noise", "mean")["auc"] < 0.7


def test_without_planted_overlap_every_density_is_bias_and_picks_are_a_fifth_of_the_pool() -> None:
    row = cell(evaluated().tables["detection_summary"], "none", "max")
    assert row["density_bias"] > 0
    assert row["size"] == 40
    assert pd.isna(row["auc"])


def test_a_detector_that_says_nothing_has_no_picks_and_no_accuracy() -> None:
    row = cell(evaluated().tables["detection_summary"], "zeros", "silent")
    assert pd.isna(row["accuracy"])
    assert pd.isna(row["gain"])


def made_up(**accuracy: list[float]) -> pd.DataFrame:
    columns = {"setting": "a", "auc": 0.5, "useful_auc": 0.5}
    return pd.DataFrame(
        [
            {**columns, "detector": k, "seed": s, "accuracy": v}
            for k, values in accuracy.items()
            for s, v in enumerate(values)
        ]
    )


def test_gains_and_distances_are_paired_by_seed() -> None:
    table = summary(made_up(oracle=[0.9, 0.7], random=[0.8, 0.6], mine=[0.85, 0.65], **{NON_HARD: [0.8, 0.6]}))
    row = cell(table, "a", "mine")
    assert row["gain"] == pytest.approx(0.05)
    assert row["behind"] == pytest.approx(0.05)
    assert row["gain/se"] == pytest.approx(0.0, abs=1e-12)
    assert row["gain/low"] == pytest.approx(0.05)


def test_the_scores_count_settings_where_overlap_helps_and_who_comes_near_the_oracle() -> None:
    frame = made_up(oracle=[0.9, 0.71], random=[0.8, 0.6], mine=[0.88, 0.72], **{NON_HARD: [0.8, 0.6]})
    found = scores(summary(frame))
    # mine is .02 behind and .01 ahead: .005 behind on average, with a standard error of .015.
    assert found["detection/settings_helped"] == 1
    assert found["detection/mine/within"] == found["detection/best_within"] == 1
    assert found["detection/random/within"] == 0
    useless = scores(summary(made_up(oracle=[0.8, 0.6], random=[0.8, 0.6], **{NON_HARD: [0.8, 0.7]})))
    assert useless["detection/settings_helped"] == 0


def test_the_two_that_others_are_held_against_must_be_there() -> None:
    with pytest.raises(ConfigError, match="'random'"):
        Detection(settings={"zeros": setting()}, detectors={"oracle": OracleDetector()})
    with pytest.raises(ConfigError, match="seeds=1"):
        Detection(settings={"zeros": setting()}, detectors=DETECTORS, seeds=1)
