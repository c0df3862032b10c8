"""The embedded digits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from w2s.dataset.digits import Digits
from w2s.errors import ConfigError


def test_the_default_uses_every_image_once_and_labels_by_the_threshold() -> None:
    splits = Digits().load(0)
    parts = (splits.weak_train, splits.pool, splits.validation, splits.test)
    assert [len(part) for part in parts] == [600, 600, 100, 497]
    pixels, digits = load_digits(return_X_y=True)
    seen = []
    for part in parts:
        images = [int(name.removeprefix("digit-")) for name in part.ids]
        seen += images
        np.testing.assert_array_equal(part.inputs.features, pixels[images] / 16)
        np.testing.assert_array_equal(part.labels.open("test"), digits[images] >= 5)
    assert sorted(seen) == list(range(1797))
    assert splits.notes == ()


def test_a_limit_and_another_threshold_are_kept() -> None:
    splits = Digits(limit=50, threshold=1).load(0)
    assert [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)] == [50] * 4
    assert splits.classes == ("below 1", "1 or more")


@pytest.mark.parametrize("settings", [{"threshold": 0}, {"threshold": 10}, {"pool": 3}, {"limit": 0}])
def test_a_setting_outside_its_range_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Digits(**settings)  # type: ignore[arg-type]
