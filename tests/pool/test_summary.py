from dataclasses import replace

import numpy as np
import pytest

from tests.pool.pools import Given, fixed, prepared, recipe, sure, unknown, with_regions, with_weak
from w2s.detector.baselines import NoDetector
from w2s.pool.summary import (
    DETECTION,
    class_balance,
    describe_partition,
    describe_splits,
    detection_scores,
    points_table,
    prior_of,
    probability_columns,
)
from w2s.results.recorder import Recorder
from w2s.types import Partition, Region, Sealed

EASY, HARD, OVERLAP, UNKNOWN = (int(region) for region in (Region.EASY, Region.HARD, Region.OVERLAP, Region.UNKNOWN))


def test_sizes_and_provenance_are_facts_and_the_datas_own_notes_are_kept() -> None:
    recorder = Recorder()
    splits = replace(fixed(), provenance=(("commit", "abc"),), notes=("fewer points",))
    describe_splits(splits, recorder)
    assert recorder.notes == ["fewer points"]
    assert recorder.facts == {
        "commit": "abc",
        **{f"points/{role}": 110 for role in ("weak_train", "pool", "validation", "test")},
        "class balance": recorder.facts["class balance"],
    }
    assert str(recorder.facts["class balance"]).count("%") == 2


def test_of_many_classes_the_most_frequent_are_named() -> None:
    labels = np.concatenate([np.arange(20), np.full(20, 7)])
    splits = replace(fixed(), classes=tuple("abcdefghijklmnopqrst"))
    splits = replace(splits, weak_train=replace(splits.weak_train, labels=Sealed(labels)))
    assert class_balance(splits) == "h 52.5 %, " + ", ".join(f"{name} 2.5 %" for name in "abcdefg") + ", 12 more"


def test_densities_and_weak_accuracies_are_counted_by_region() -> None:
    """8 points: 4 easy (3 right), 2 hard (1 right), 2 overlap (2 right)."""
    pool = prepared(easy=3, hard=3, overlap=2)
    labels = pool.splits.pool.labels.open("test")
    wrong = np.array([0, 0, 0, 1, 0, 1, 0, 0])
    pool = with_weak(with_regions(pool, [EASY] * 4 + [HARD] * 2 + [OVERLAP] * 2), sure((labels + wrong) % 2))
    recorder = Recorder()
    describe_partition(pool, recorder)
    expected = {
        "weak/pool_accuracy": 6 / 8,
        "overlap/easy": 4 / 8,
        "overlap/hard": 2 / 8,
        "overlap/density": 2 / 8,
        "easy/weak_accuracy": 3 / 4,
        "hard/weak_accuracy": 1 / 2,
        "overlap/weak_accuracy": 1.0,
    }
    assert {name: recorder.metrics[name] for name in expected} == expected


def test_an_empty_region_has_share_0_and_no_accuracy() -> None:
    pool = prepared(easy=3, hard=3, overlap=2)
    recorder = Recorder()
    describe_partition(with_regions(pool, [EASY] * 8), recorder)
    assert recorder.metrics["overlap/density"] == 0.0
    assert recorder.metrics["overlap/weak_accuracy"] is None


def test_without_a_statement_every_number_of_the_partition_is_undefined_and_the_reason_is_given() -> None:
    recorder = Recorder()
    recipe(detector=NoDetector()).prepare(recorder)
    for name in ("overlap/density", "overlap/easy", "overlap/hard", "overlap/weak_accuracy", *DETECTION):
        assert recorder.metrics[name] is None, name
    assert recorder.metrics["weak/pool_accuracy"] is not None
    assert "none" in recorder.skipped["detection"]


def test_the_oracle_detects_without_a_mistake() -> None:
    recorder = Recorder()
    recipe().prepare(recorder)
    expected = dict(zip(DETECTION, (1.0, 1.0, 1.0, 1.0, 0.0), strict=True))
    assert {name: recorder.metrics[name] for name in DETECTION} == expected


def test_detection_is_scored_by_hand() -> None:
    """Found: points 0, 1, 2. Truly overlap: 0, 1, 4, 5. AUC over 0 1 2 3 4 (scored, not hard): (0 1 4) against (2 3).

    Scores .9 .8 .7 .3 .5: pairs won (.9, .8 against .7, .3: 4; .5 against .3: 1) = 5 of 6.
    """
    regions = np.array([OVERLAP, OVERLAP, OVERLAP, EASY, EASY, HARD, HARD, HARD])
    truth = np.array([OVERLAP, OVERLAP, EASY, EASY, OVERLAP, OVERLAP, HARD, HARD])
    score = np.array([0.9, 0.8, 0.7, 0.3, 0.5, np.nan, np.nan, np.nan])
    found = detection_scores(Partition(regions, np.ones(8), score), truth)
    assert found == (2 / 3, 2 / 4, 2 * 2 / (3 + 4), pytest.approx(5 / 6), 3 / 8 - 4 / 8)


def test_scores_that_have_nothing_to_count_are_undefined() -> None:
    nothing = Partition(np.full(4, EASY), np.ones(4), np.ones(4))
    precision, recall, f1, area, bias = detection_scores(nothing, np.full(4, EASY))
    assert (precision, recall, f1, area, bias) == (None, None, None, None, 0.0)
    precision, recall, f1, area, bias = detection_scores(unknown(4), np.array([EASY, OVERLAP, HARD, HARD]))
    assert (precision, recall, f1, area, bias) == (None, 0.0, 0.0, None, -0.25)


def test_the_table_of_points_has_the_promised_columns_and_no_true_label_of_the_pool() -> None:
    pool = prepared()
    frame = points_table(pool)
    expected = ["id", "split", "source", "label_weak", "p_0", "p_1", "confidence", "score", "region", "label", "weak"]
    assert list(frame.columns) == expected
    inside, tested = frame[frame["split"] == "pool"], frame[frame["split"] == "test"]
    assert (len(inside), len(tested)) == (110, 110)
    assert inside["label"].isna().all()
    assert tested["label"].tolist() == pool.test_labels().tolist()
    assert tested["weak"].tolist() == pool.weak_test[:, 1].tolist()
    assert set(inside["region"]) == {"easy", "hard", "overlap"}
    assert inside["label_weak"].tolist() == (inside["p_1"] > 0.5).astype(int).tolist()


def test_probabilities_of_more_than_two_classes_take_a_column_each() -> None:
    assert list(probability_columns("weak", sure([0, 2], 3))) == ["weak_0", "weak_1", "weak_2"]
    assert probability_columns("weak", sure([0, 1]))["weak"].tolist() == pytest.approx([0.1, 0.9])


def test_the_prior_is_weak_trains() -> None:
    splits = fixed()
    share = float(np.mean(splits.weak_train.labels.open("test")))
    assert prior_of(splits).tolist() == pytest.approx([1 - share, share])
    assert prior_of(splits).tolist() == prior_of(recipe(dataset=Given(splits)).prepare(Recorder()).splits).tolist()
