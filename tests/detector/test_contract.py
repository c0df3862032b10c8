"""What every detector choice promises, over all YAML files of the group."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.configured import built, choices
from tests.detector.planted import Known
from w2s.dataset.gaussian import Gaussian
from w2s.errors import ConfigError, DataError
from w2s.model import LogisticProbe
from w2s.protocols import Detector, FittedDetector
from w2s.store.fitted import load_fitted, save_fitted
from w2s.types import Evidence, Inputs, Partition, Region

CHOICES = choices("detector")
READS_TRUTH = {"oracle"}
PROBE = LogisticProbe()


@lru_cache
def detector(choice: str) -> Detector:
    made = built("detector", choice)
    assert isinstance(made, Detector)
    return made


def evidence_of(split: Any, weak: Any, d_easy: int) -> Evidence:
    features = split.inputs.features
    view = Inputs(features=features[:, :d_easy])
    probabilities = weak.predict(view)
    return Evidence(features, view.features, probabilities, planted=split.planted, known=Known())


@lru_cache
def gaussian() -> tuple[Evidence, Evidence]:
    """Evidence of the pool and of the test points."""
    splits = Gaussian(easy=60, hard=60, overlap=40, d_easy=8, d_hard=8, variance=1.0).load(0)
    train = splits.weak_train
    weak = LogisticProbe().fit(Inputs(features=train.inputs.features[:, :8]), train.labels.open("weak training"))
    return evidence_of(splits.pool, weak, 8), evidence_of(splits.test, weak, 8)


def same(one: Partition, other: Partition) -> bool:
    return np.array_equal(one.regions, other.regions) and np.allclose(one.score, other.score, equal_nan=True, atol=1e-9)


def three_classes(n: int = 240) -> Evidence:
    draw = np.random.default_rng(3)
    labels = draw.integers(3, size=n)
    strong = draw.normal(size=(n, 6)) + 2 * np.eye(3, 6)[labels]
    logits = 2 * np.eye(3)[labels] * draw.uniform(size=(n, 1)) + draw.normal(size=(n, 3)) * 0.3
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Evidence(strong, strong[:, :3], probabilities, known=Known())


@pytest.mark.parametrize("choice", CHOICES)
def test_it_says_which_representation_it_reads(choice: str) -> None:
    assert detector(choice).features in {"frozen", "student"}


@pytest.mark.parametrize("choice", CHOICES)
def test_pool_and_new_points_get_a_region_each_and_finite_scores_outside_the_hard_points(choice: str) -> None:
    pool, test = gaussian()
    fitted = detector(choice).fit(pool, PROBE)
    for evidence in (pool, test):
        partition = fitted.partition(evidence)
        assert partition.regions.shape == partition.confidence.shape == partition.score.shape == (len(evidence),)
        assert set(np.unique(partition.regions)) <= {int(region) for region in Region}
        scored = np.isin(partition.regions, (Region.EASY, Region.OVERLAP))
        assert np.isfinite(partition.score[scored]).all()
        assert np.isnan(partition.score[~scored]).all()
        if partition.threshold_overlap is not None:
            above = partition.score >= partition.threshold_overlap
            np.testing.assert_array_equal(above, partition.regions == Region.OVERLAP)


@pytest.mark.parametrize("choice", CHOICES)
def test_a_point_has_the_same_region_alone_and_in_any_batch(choice: str) -> None:
    pool, test = gaussian()
    fitted = detector(choice).fit(pool, PROBE)
    for evidence in (pool, test):
        whole = fitted.partition(evidence)
        index = np.array([7, 3, 100, 41])
        part = fitted.partition(evidence.take(index))
        assert np.array_equal(part.regions, whole.regions[index])
        assert len(fitted.partition(evidence.take(slice(0, 0)))) == 0


@pytest.mark.parametrize("choice", CHOICES)
def test_fitting_twice_gives_the_same_partition(choice: str) -> None:
    pool, _ = gaussian()
    assert same(detector(choice).fit(pool, PROBE).partition(pool), detector(choice).fit(pool, PROBE).partition(pool))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_saved_detector_partitions_as_before_bit_for_bit(choice: str, tmp_path: Path) -> None:
    pool, test = gaussian()
    for fitted_on, others in ((pool, test), (three_classes(), three_classes().take(slice(5, 90)))):
        if fitted_on.planted is None and choice in READS_TRUTH:
            continue
        fitted = detector(choice).fit(fitted_on, PROBE)
        save_fitted(tmp_path, "detector", fitted)
        loaded = load_fitted(tmp_path, "detector")
        assert isinstance(loaded, FittedDetector)
        assert loaded.features == fitted.features
        for evidence in (fitted_on, others):
            before, after = fitted.partition(evidence), loaded.partition(evidence)
            for name in ("regions", "confidence", "score"):
                assert getattr(before, name).tobytes() == getattr(after, name).tobytes()
            for name in ("threshold_hard", "threshold_overlap", "reason"):
                assert getattr(before, name) == getattr(after, name)


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice not in READS_TRUTH])
def test_the_planted_truth_changes_nothing(choice: str) -> None:
    pool, _ = gaussian()
    blind = dataclasses.replace(pool, planted=None)
    assert same(detector(choice).fit(pool, PROBE).partition(pool), detector(choice).fit(blind, PROBE).partition(blind))


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice not in READS_TRUTH])
def test_more_than_two_classes_are_partitioned(choice: str) -> None:
    evidence = three_classes()
    partition = detector(choice).fit(evidence, PROBE).partition(evidence)
    assert len(partition) == len(evidence)


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice not in READS_TRUTH])
@pytest.mark.parametrize("case", ["equal", "two", "one", "zeros", "one_class", "constant_features"])
def test_degenerate_evidence_gets_a_defined_answer(choice: str, case: str) -> None:
    pool, _ = gaussian()
    half = np.full((len(pool), 2), 0.5)
    one_sided = np.sort(pool.probabilities, axis=1)
    evidence = {
        "equal": dataclasses.replace(pool, probabilities=half),
        "two": pool.take(slice(0, 2)),
        "one": pool.take(slice(0, 1)),
        "zeros": dataclasses.replace(pool, strong=np.zeros_like(pool.strong)),
        "one_class": dataclasses.replace(pool, probabilities=one_sided),
        "constant_features": dataclasses.replace(pool, strong=np.ones_like(pool.strong), weak=np.ones_like(pool.weak)),
    }[case]
    partition = detector(choice).fit(evidence, PROBE).partition(evidence)
    assert len(partition) == len(evidence)
    if not partition.share(Region.OVERLAP):
        assert partition.reason is not None


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice not in READS_TRUTH | {"none"}])
@pytest.mark.parametrize("part", ["strong", "weak", "probabilities"])
def test_nan_is_refused_in_one_line_that_names_it(choice: str, part: str) -> None:
    pool, _ = gaussian()
    broken = getattr(pool, part).copy()
    broken[5, 0] = np.nan
    with pytest.raises(DataError, match="1 of 160 points hold NaN"):
        detector(choice).fit(dataclasses.replace(pool, **{part: broken}), PROBE)


def test_the_oracle_needs_a_planted_truth() -> None:
    pool, _ = gaussian()
    with pytest.raises(ConfigError, match="detector=oracle"):
        detector("oracle").fit(dataclasses.replace(pool, planted=None), PROBE)
