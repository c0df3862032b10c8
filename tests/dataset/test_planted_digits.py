"""A pattern planted beside real digits."""

from __future__ import annotations

import numpy as np
import pytest

from w2s.dataset.planted_digits import PIXELS, PlantedDigits
from w2s.errors import ConfigError
from w2s.types import Region


def test_patterns_are_absent_where_the_region_says_so() -> None:
    splits = PlantedDigits().load(0)
    for split in (splits.weak_train, splits.pool, splits.test):
        x, regions = split.inputs.features, split.planted.open("test")
        assert not x[regions == Region.HARD][:, :PIXELS].any()
        assert not x[regions == Region.EASY][:, PIXELS:].any()
        assert x[regions == Region.OVERLAP][:, :PIXELS].any(axis=1).all()
        assert x[regions == Region.OVERLAP][:, PIXELS:].any(axis=1).all()


def test_absent_images_can_be_those_of_other_points() -> None:
    splits = PlantedDigits(absent="noise").load(0)
    x, regions = splits.pool.inputs.features, splits.pool.planted.open("test")
    assert x[regions == Region.HARD][:, :PIXELS].any(axis=1).all()
    assert x[regions == Region.EASY][:, PIXELS:].any(axis=1).all()


def test_shares_are_those_asked_for() -> None:
    splits = PlantedDigits(hard=0.5, overlap=0.1).load(1)
    every = [split.planted.open("test") for split in (splits.weak_train, splits.pool, splits.validation, splits.test)]
    regions = np.concatenate(every)
    assert np.mean(regions == Region.HARD) == pytest.approx(0.5, abs=0.001)
    assert np.mean(regions == Region.OVERLAP) == pytest.approx(0.1, abs=0.001)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ConfigError, match="together at most 1"):
        PlantedDigits(hard=0.7, overlap=0.4)
