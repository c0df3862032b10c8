"""Settings are compared on the seeds they share, all pairs together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from w2s.report.compare import MOST_SETTINGS, comparisons


def runs(settings: dict[str, list[float]], metric: str = "student/accuracy") -> pd.DataFrame:
    rows = [
        {
            "status": "ok",
            "study": "full",
            "dataset": "digits",
            "setting": setting,
            "signature": setting,
            "seed": seed,
            metric: value,
        }
        for setting, values in settings.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_a_steady_difference_is_found_and_paired_by_seed() -> None:
    seeds = np.random.default_rng(0).normal(0.8, 0.1, 8)  # seeds differ by far more than the settings
    frame = comparisons(runs({"a": list(seeds + 0.01 + np.arange(8) / 1e4), "b": list(seeds)}))
    (row,) = frame.to_dict("records")
    assert row["difference"] == pytest.approx(0.01 + 3.5e-4)
    assert row["low"] > 0
    assert row["p"] == pytest.approx(2**-7)
    assert (row["setting"], row["against"], row["seeds"]) == ("a", "b", 8)


def test_settings_that_differ_in_nothing_are_not_listed() -> None:
    assert len(comparisons(runs({"a": [0.1, 0.2], "b": [0.1, 0.2]}))) == 0


def test_one_seed_or_one_setting_compares_nothing() -> None:
    assert len(comparisons(runs({"a": [0.1], "b": [0.2]}))) == 0
    assert len(comparisons(runs({"a": [0.1, 0.2]}))) == 0


def test_only_shared_seeds_count() -> None:
    (row,) = comparisons(runs({"a": [0.1, 0.2, 0.9], "b": [0.0, 0.1]})).to_dict("records")
    assert row["seeds"] == 2
    assert row["difference"] == pytest.approx(0.1)


def test_very_many_settings_are_each_compared_with_the_first() -> None:
    draw = np.random.default_rng(1)
    frame = comparisons(runs({f"setting {k}": list(draw.random(3)) for k in range(MOST_SETTINGS + 5)}))
    assert len(frame) == MOST_SETTINGS + 4
    assert set(frame["against"]) == {"setting 0"}
