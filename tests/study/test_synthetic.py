"""The synthetic experiment: its table within tolerance, and what each switch does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from w2s.errors import ConfigError
from w2s.results.recorder import Recorder
from w2s.study.synthetic import Synthetic

# n_overlap: weak, ceiling, student, weak on hard; stored output of the public notebook, and 500-run means at 50 and 95.
PUBLISHED = {
    5: (0.666, 0.823, 0.515, 0.503),
    10: (0.671, 0.827, 0.592, 0.497),
    15: (0.677, 0.832, 0.639, 0.500),
    20: (0.682, 0.834, 0.673, 0.502),
    25: (0.685, 0.834, 0.709, 0.499),
    50: (0.704, 0.845, 0.784, 0.500),
    95: (0.730, 0.859, 0.824, 0.500),
}


def curve(**settings: object) -> pd.DataFrame:
    recorder = Recorder()
    Synthetic(**{"runs": 60, "levels": (10, 50), **settings}).run(recorder)
    return recorder.tables["curve"]


def means(**settings: object) -> pd.DataFrame:
    return curve(**settings).groupby("n_overlap").mean()


@pytest.mark.slow
def test_five_hundred_runs_give_the_published_table() -> None:
    table = means(runs=500, levels=tuple(PUBLISHED))
    for level, (weak, ceiling, student, weak_hard) in PUBLISHED.items():
        row = table.loc[level]
        assert row["weak"] == pytest.approx(weak, abs=0.012)
        assert row["ceiling"] == pytest.approx(ceiling, abs=0.012)
        assert row["student"] == pytest.approx(student, abs=0.03 if 10 <= level <= 25 else 0.02)
        assert row["weak_hard"] == pytest.approx(weak_hard, abs=0.015)


def test_sixty_runs_are_near_the_published_levels_and_the_student_overtakes() -> None:
    table = means()
    for level in (10, 50):
        assert table.loc[level, "weak"] == pytest.approx(PUBLISHED[level][0], abs=0.03)
        assert table.loc[level, "ceiling"] == pytest.approx(PUBLISHED[level][1], abs=0.03)
        assert table.loc[level, "student"] == pytest.approx(PUBLISHED[level][2], abs=0.05)
    assert table.loc[10, "student"] < table.loc[10, "weak"]
    assert table.loc[50, "student"] > table.loc[50, "weak"]


def test_the_weak_model_is_at_chance_on_hard_points_and_the_student_is_not() -> None:
    row = means().loc[50]
    assert row["weak_hard"] == pytest.approx(0.5, abs=0.03)
    assert row["student_hard"] > 0.65


def test_soft_labels_on_all_points_take_the_low_regime_away() -> None:
    row = means(trained_on="all", labels="soft").loc[10]
    assert row["student"] > row["weak"] + 0.02


def test_ties_to_class_0_cost_the_student_on_all_points() -> None:
    assert means(trained_on="all").loc[50, "student"] < means(trained_on="all", ties="random").loc[50, "student"] - 0.03


def test_regions_add_up_to_the_whole() -> None:
    table = curve()
    for name in ("weak", "ceiling", "student"):
        rows = table.dropna()
        parts = 100 * rows[f"{name}_easy"] + 100 * rows[f"{name}_hard"] + rows["n_overlap"] * rows[f"{name}_overlap"]
        np.testing.assert_allclose(parts / (200 + rows["n_overlap"]), rows[name])


def test_weak_and_ceiling_do_not_depend_on_what_the_student_is_trained_on() -> None:
    one, other = curve(runs=20), curve(runs=20, trained_on="all", labels="soft")
    np.testing.assert_array_equal(one["weak"], other["weak"])
    np.testing.assert_array_equal(one["ceiling"], other["ceiling"])


def test_a_run_is_the_same_whatever_other_levels_are_asked_for_below() -> None:
    both, one = curve(runs=20), curve(runs=20, levels=(50,))
    np.testing.assert_allclose(both[both.n_overlap == 50]["student"], one["student"], atol=0.01)


def test_a_student_of_a_single_class_is_left_out() -> None:
    table = curve(runs=100, levels=(1, 2))
    assert table[table.n_overlap == 1]["student"].isna().all()
    assert table[table.n_overlap == 2]["student"].isna().mean() < 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"runs": 0}, "runs=0"),
        ({"levels": (10, 5)}, "levels="),
        ({"C": 0.0}, "C=0"),
        ({"easy": -1}, "easy=-1"),
        ({"d": 0}, "d=0"),
    ],
)
def test_settings_outside_their_range_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Synthetic(**settings)
