"""Picks that are used only where they prove their worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tests.detector.planted import PROBE, Known, planted
from w2s.detector import ConfidenceDetector, RandomDetector, ValidatedDetector
from w2s.detector.threshold import Quantile
from w2s.errors import ConfigError, DataError
from w2s.types import Evidence, Partition, Region

SUREST = ConfidenceDetector(threshold=Quantile(0.4))


def partitions(known: object, **arguments: object) -> tuple[Partition, Partition, str]:
    """By the validated detector, by its candidate, and what the former says."""
    evidence = replace(planted()[0], known=known)
    fitted = ValidatedDetector(candidates={"surest": SUREST}, **arguments).fit(evidence, PROBE)
    return fitted.partition(evidence), SUREST.fit(evidence, PROBE).partition(evidence), fitted.explanation


def test_picks_that_teach_more_are_the_candidates_own() -> None:
    ours, candidate, said = partitions(Known(gain=0.1))
    assert np.array_equal(ours.regions, candidate.regions)
    assert np.array_equal(ours.score, candidate.score, equal_nan=True)
    assert "surest +10.1 points (standard error 1.2)" in said
    assert said.endswith("surest is used.")


@pytest.mark.parametrize("gain", [0.0, -0.1])
def test_without_evidence_every_point_that_is_not_hard_counts_as_overlap(gain: float) -> None:
    ours, candidate, said = partitions(Known(gain=gain))
    hard = candidate.regions == Region.HARD
    assert np.array_equal(ours.regions, np.where(hard, Region.HARD, Region.OVERLAP))
    assert ours.threshold_hard == candidate.threshold_hard
    assert "within noise" in said
    # Its scores rank nothing: half of the candidate's picks lie in the upper half.
    picks = ours.score[candidate.members(Region.OVERLAP)]
    assert np.mean(picks > np.nanmedian(ours.score)) == pytest.approx(0.5, abs=0.12)


@pytest.mark.slow
def test_picks_without_worth_are_accepted_rarely() -> None:
    """Two standard errors above zero: 2.3 % of the time, were they normal."""
    evidence = planted()[0]
    detector = ValidatedDetector(candidates={"random": RandomDetector()})
    known = [Known(seed=seed) for seed in range(300)]
    accepted = [detector.fit(replace(evidence, known=each), PROBE).chosen is not None for each in known]
    assert np.mean(accepted) <= 0.05


@dataclass
class InTurn:
    """Candidates gain these in turn."""

    gains: list[float]
    asked: list[int] = field(default_factory=list)

    def trial(self, picks: Sequence[Evidence]) -> np.ndarray:
        self.asked.append(len(picks))
        return Known(gain=self.gains.pop(0)).trial(picks)


def test_the_candidate_with_the_surest_gain_is_chosen() -> None:
    evidence = planted()[0]
    known = InTurn([0.05, 0.2, 0.0])
    candidates = {"a": SUREST, "b": RandomDetector(), "c": SUREST}
    fitted = ValidatedDetector(candidates=candidates, draws=5).fit(replace(evidence, known=known), PROBE)
    assert fitted.chosen == "b"
    assert known.asked == [10, 10, 10]
    expected = RandomDetector().fit(evidence, PROBE).partition(evidence)
    assert np.array_equal(fitted.partition(evidence).regions, expected.regions)


def test_the_compared_picks_are_balanced_and_of_one_size() -> None:
    class Watching(Known):
        def trial(self, picks: Sequence[Evidence]) -> np.ndarray:
            for pick in picks:
                assert np.bincount(pick.probabilities.argmax(axis=1)).tolist() == [45, 45]
            return super().trial(picks)

    partitions(Watching(), share=0.1)


def test_without_anything_known_of_weak_train_it_says_so() -> None:
    with pytest.raises(DataError, match="detector=validated compares students on weak_train"):
        ValidatedDetector().fit(planted()[0], PROBE)


def test_candidates_read_one_representation() -> None:
    with pytest.raises(ConfigError, match=r"candidates\.a reads features=student"):
        ValidatedDetector(candidates={"a": replace(SUREST, features="student")})
