"""Seeds become settings with the crossed intervals of the same predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.report.runs import N_TEST, add_metrics, write_run, write_table
from w2s.report.aggregate import read_points, settings_table, transfer_measures
from w2s.report.load import load_results
from w2s.statistics.intervals import crossed, fieller, t_interval


def sweep(root: Path, *, seeds: int = 4, **fields: float) -> pd.DataFrame:
    for seed in range(seeds):
        write_run(root / f"s{seed}", seed=seed, **fields)
    return load_results(root)


def test_what_the_models_got_right_is_read_back(tmp_path: Path) -> None:
    results = write_run(tmp_path / "a")
    answers = read_points(tmp_path / "a")
    assert answers is not None
    assert answers.right.shape == (N_TEST, 3)
    names = ("weak", "student", "ceiling")
    np.testing.assert_allclose(answers.right.mean(axis=0), [results["metrics"][f"{name}/accuracy"] for name in names])


def test_more_than_two_classes_are_read_from_a_column_each(tmp_path: Path) -> None:
    weak = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2]]  # classes 0, 2 and, on a tie, 0
    columns = {f"{model}_{k}": [row[k] for row in weak] for model in ("weak", "student", "ceiling") for k in range(3)}
    frame = pd.DataFrame({"id": ["a", "b", "c"], "split": "test", "label": [0, 2, 1], "label_weak": 0, **columns})
    write_run(tmp_path / "run")
    write_table(tmp_path / "run", "points", frame)
    answers = read_points(tmp_path / "run")
    assert answers is not None
    assert answers.right[:, 0].tolist() == [True, True, False]


def test_a_setting_has_the_crossed_intervals_of_its_seeds(tmp_path: Path) -> None:
    runs = sweep(tmp_path)
    (row,) = settings_table(runs).to_dict("records")
    right = np.stack([each.right for each in map(read_points, map(Path, runs["folder"])) if each is not None]).astype(float)
    moments = crossed(right[..., 1:] - right[..., :1])
    ratio = fieller(moments)
    assert row["seeds"] == 4
    assert row["gain"] == pytest.approx(runs["gain"].mean())
    assert (row["gain/low"], row["pgr"]) == (pytest.approx(moments.interval(0).low), pytest.approx(ratio.value))
    assert "procedure" in row["basis"]


def test_one_seed_is_about_these_trained_models(tmp_path: Path) -> None:
    (row,) = settings_table(sweep(tmp_path, seeds=1)).to_dict("records")
    assert row["basis"] == "these trained models"


def test_seeds_with_different_test_points_get_no_interval_but_a_reason(tmp_path: Path) -> None:
    runs = sweep(tmp_path, seeds=2)
    frame = pd.read_parquet(tmp_path / "s1" / "points.parquet")
    write_table(tmp_path / "s1", "points", frame.assign(id=frame["id"] + "x"))
    (row,) = settings_table(runs).to_dict("records")
    assert "different test points" in row["basis"]
    assert "gain" not in row


def test_a_gap_of_nothing_gives_no_ratio() -> None:
    right = np.random.default_rng(0).random((3, 200, 3)) < 0.7
    measures = transfer_measures(right)
    assert measures["pgr/defined"] == 0.0
    assert measures["pgr"] is None


def test_failed_runs_are_left_out_and_a_repeated_seed_counts_once(tmp_path: Path) -> None:
    sweep(tmp_path, seeds=2)
    write_run(tmp_path / "s9", seed=9, status="failed")
    write_run(tmp_path / "t0", seed=0)
    (row,) = settings_table(load_results(tmp_path)).to_dict("records")
    assert row["seeds"] == 2


def test_a_seed_without_predictions_is_left_out_of_the_interval_which_says_so(tmp_path: Path) -> None:
    runs = sweep(tmp_path, seeds=3)
    (tmp_path / "s1" / "points.parquet").unlink()
    (row,) = settings_table(runs).to_dict("records")
    assert row["basis"] == "the procedure (seeds x test points), 2 of 3 seeds"
    assert row["gain"] == pytest.approx(runs["gain"].iloc[[0, 2]].mean())


def test_a_file_that_was_cut_short_is_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_run(tmp_path / "whole", seed=0)
    write_run(tmp_path / "cut", seed=1)
    (tmp_path / "cut" / "points.parquet").write_bytes(b"")
    whole, cut = (read_points(tmp_path / name) for name in ("whole", "cut"))
    assert whole is not None
    assert cut is None
    assert "cut/points.parquet: damaged" in caplog.text


def test_gains_of_mixing_and_selection_are_crossed_over_seeds_and_test_points_where_these_were_kept(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    by_point = draw.normal(0.1, 0.3, size=N_TEST) + draw.normal(0, 0.1, size=(4, N_TEST))
    for seed in range(4):
        folder = tmp_path / f"s{seed}"
        write_run(folder, seed=seed)
        add_metrics(folder, dict.fromkeys(("mixing/gain", "selection/gain"), float(by_point[seed].mean())))
        frame = pd.read_parquet(folder / "points.parquet")
        frame.loc[frame["split"] == "test", "mixing_gain"] = by_point[seed]
        write_table(folder, "points", frame)
    (row,) = settings_table(load_results(tmp_path)).to_dict("records")
    whole, seeds = crossed(by_point[:, :, None]).interval(), t_interval(by_point.mean(axis=1))
    assert (row["mixing/gain/low"], row["mixing/gain/high"]) == pytest.approx((whole.low, whole.high))
    # Nothing was kept by test point of the other one: about this test set, and too short for new ones.
    assert (row["selection/gain/low"], row["selection/gain/high"]) == pytest.approx((seeds.low, seeds.high))
    assert whole.high - whole.low > seeds.high - seeds.low
