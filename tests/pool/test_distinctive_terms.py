"""The words or columns that set a region apart."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.pool.distinctive_terms import region_terms
from w2s.types import Inputs, Region

EASY, OVERLAP = int(Region.EASY), int(Region.OVERLAP)


def test_words_of_a_region_are_named_with_their_shares() -> None:
    texts = ("red apple",) * 30 + ("green apple",) * 60 + ("red car",) * 10
    regions = np.array([OVERLAP] * 30 + [EASY] * 70)
    frame = region_terms(Inputs(texts=texts), regions, []).set_index(["region", "term"])
    row = frame.loc[("overlap", "red")]
    assert (row["inside"], row["outside"]) == (1.0, 10 / 70)
    assert frame.loc["overlap"].index[0] == "red"
    assert ("overlap", "car") not in frame.index
    assert (frame["z"] > 0).all()


def test_the_log_odds_ratio_is_the_textbooks() -> None:
    """30 of 40 against 20 of 60, 1/2 added to each count."""
    texts = ("word other",) * 30 + ("other",) * 10 + ("word other",) * 20 + ("other",) * 40
    regions = np.array([OVERLAP] * 40 + [EASY] * 60)
    z = region_terms(Inputs(texts=texts), regions, []).set_index(["region", "term"]).loc[("overlap", "word"), "z"]
    expected = np.log(30.5 / 10.5) - np.log(20.5 / 40.5)
    assert z == pytest.approx(expected / np.sqrt(1 / 30.5 + 1 / 10.5 + 1 / 20.5 + 1 / 40.5))


def test_columns_are_compared_by_their_means() -> None:
    draw = np.random.default_rng(0)
    regions = np.array([OVERLAP] * 50 + [EASY] * 50)
    features = draw.normal(size=(100, 6))
    features[:50, 4] -= 3
    features[:, 5] = 1.0
    frame = region_terms(Inputs(features=features), regions, [f"c{k}" for k in range(6)])
    first = frame[frame["region"] == "overlap"].iloc[0]
    assert first["term"] == "c4"
    assert first["z"] < -5
    assert "c5" not in set(frame["term"])


@pytest.mark.parametrize("inputs", [Inputs(texts=("",) * 20), Inputs(votes=np.zeros((20, 2), dtype=int))])
def test_nothing_is_named_where_there_is_nothing_to_name(inputs: Inputs) -> None:
    assert region_terms(inputs, np.array([OVERLAP, EASY] * 10), []).empty


def test_a_region_of_a_few_points_is_left_out() -> None:
    regions = np.array([OVERLAP] * 4 + [EASY] * 30)
    assert region_terms(Inputs(features=np.random.default_rng(0).normal(size=(34, 2))), regions, ["a", "b"]).empty
