"""Detectors against the controls of equal size, on planted data where the answer is known."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import pytest

from w2s.dataset.gaussian import Gaussian
from w2s.detector import ConfidenceDetector, MeanCosine, OracleDetector
from w2s.errors import ConfigError
from w2s.model import Columns, LogisticProbe, Model, Raw
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.study.picks import PickComparison, gains_of, summary


def recipe() -> Preparation:
    return Preparation(
        dataset=Gaussian(easy=150, hard=150, overlap=150, variance=2.0),
        weak_model=Model(Columns(stop=20), LogisticProbe(C=1.0, intercept=False)),
        strong_model=Model(Raw(), LogisticProbe(l2=1.0)),
        detector=ConfidenceDetector(),
        labels="hard",
    )


@lru_cache
def compared() -> Recorder:
    recorder = Recorder()
    detectors = {"mean": MeanCosine(), "oracle": OracleDetector()}
    study = PickComparison(settings={"planted": recipe()}, detectors=detectors, seeds=2, draws=2, share=0.2, fewest=10)
    study.run(recorder)
    return recorder


def test_all_subsets_of_a_seed_are_of_one_size_and_even() -> None:
    picks = compared().tables["picks"]
    assert (picks.groupby("seed")["size"].nunique() == 1).all()
    assert (picks["size"] % 2 == 0).all()


def test_every_detector_has_its_subsets_and_the_common_controls_come_once() -> None:
    picks = compared().tables["picks"]
    one = picks[(picks.seed == 0) & picks.balanced]
    assert set(one[one.detector == "mean"]["subset"]) == {"1.0", "easy", "accuracy_matched", "true_labels"}
    assert set(one[one.detector == "controls"]["subset"]) == {"random", "random_non_hard", "most_confident", "gold"}
    assert len(one) == 12


def test_a_data_set_without_enough_overlap_is_left_out_by_name() -> None:
    recorder = Recorder()
    few = replace(recipe(), dataset=Gaussian(easy=150, hard=150, overlap=10, variance=2.0))
    detectors = {"oracle": OracleDetector()}
    settings = {"planted": recipe(), "few": few}
    PickComparison(settings=settings, detectors=detectors, seeds=2, draws=2, share=0.2, fewest=20).run(recorder)
    assert list(recorder.skipped) == ["picks/few"]
    assert set(recorder.tables["picks_gains"]["setting"]) == {"planted"}


def test_no_overlap_anywhere_is_a_run_without_gains() -> None:
    recorder = Recorder()
    PickComparison(
        settings={"planted": recipe()}, detectors={"oracle": OracleDetector()}, seeds=2, draws=2, fewest=9_999
    ).run(recorder)
    assert list(recorder.skipped) == ["picks/planted"]


def test_true_labels_are_as_good_as_weak_ones_on_the_same_points() -> None:
    """Four trainings of few points: the difference has a standard error near .01."""
    balanced = compared().tables["picks"].query("balanced and detector == 'oracle'").groupby("subset")["accuracy"].mean()
    assert balanced["true_labels"] >= balanced["1.0"] - 0.03


def test_the_gain_is_the_sum_of_its_label_part_and_the_rest() -> None:
    gains = gains_of(compared().tables["picks"])
    pd.testing.assert_series_equal(gains["gain"], gains["label_part"] + gains["other_part"], check_names=False)


def test_the_overall_interval_is_over_sets() -> None:
    rows = [
        {"detector": "a", "setting": name, "seed": s, "gain": gain, "label_part": 0, "other_part": 0, "over_easy": 0}
        for name, gain in (("x", 0.1), ("y", 0.3))
        for s in range(3)
    ]
    gains = pd.DataFrame(rows).assign(labels=1.0, labels_non_hard=1.0, **{"1.0": 0.5})
    _, overall = summary(gains)
    row = overall.iloc[0]
    # Two sets with means .1 and .3: mean .2, standard error .1, t of one degree of freedom 12.706.
    assert row["gain"] == pytest.approx(0.2)
    assert row["high"] - row["gain"] == pytest.approx(1.2706, rel=1e-3)
    assert row["sets"] == 2


@pytest.mark.parametrize(
    ("change", "message"), [({"seeds": 1}, "seeds=1"), ({"share": 0.0}, "share=0"), ({"fewest": 1}, "fewest=1")]
)
def test_settings_outside_their_range_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PickComparison(settings={"planted": recipe()}, detectors={"mean": MeanCosine()}, **change)
