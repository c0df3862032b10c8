import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pandas as pd
import pytest

from w2s.results.recorder import Recorder
from w2s.types import as_names


class Listener:
    """A tracker that remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[dict[str, float], int | None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.steps.append((dict(metrics), step))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        pass

    def image(self, name: str, path: Path) -> None:
        pass

    def note(self, text: str) -> None:
        pass


def points() -> Recorder:
    recorder = Recorder()
    frame = pd.DataFrame({"id": ["a", "b", "a", "c"], "split": ["pool", "pool", "test", "test"], "p": [0.1, 0.2, 0.3, 0.4]})
    recorder.table("points", frame)
    return recorder


def test_numbers_are_kept_as_plain_floats_and_the_undefined_as_none() -> None:
    recorder = Recorder()
    recorder.record({"a": np.float32(0.5), "b": float("nan"), "c": float("inf"), "d": None, "e": 1})
    assert recorder.metrics == {"a": 0.5, "b": None, "c": None, "d": None, "e": 1.0}
    assert {type(value) for value in recorder.metrics.values()} == {float, type(None)}


def test_a_skipped_part_says_why_and_leaves_its_metrics_undefined() -> None:
    recorder = Recorder()
    recorder.record({"kept": 1.0, "gain": 2.0})
    recorder.skip("mixing", "too few points", metrics=["gain", "gain/low"])
    assert recorder.skipped == {"mixing": "too few points"}
    assert recorder.metrics == {"kept": 1.0, "gain": None, "gain/low": None}


def test_a_table_recorded_again_gets_more_rows() -> None:
    recorder = Recorder()
    recorder.table("curve", pd.DataFrame({"share": [0.0]}))
    recorder.table("curve", pd.DataFrame({"share": [0.5, 1.0]}))
    assert recorder.tables["curve"]["share"].tolist() == [0.0, 0.5, 1.0]
    assert recorder.tables["curve"].index.tolist() == [0, 1, 2]


def test_columns_are_added_by_id_within_the_split_and_are_empty_elsewhere() -> None:
    recorder = points()
    recorder.add_columns("points", "pool", as_names(["b", "a"]), {"chosen": [True, False], "round": [2, 1]})
    frame = recorder.tables["points"]
    assert frame["chosen"].tolist()[:2] == [False, True]
    assert frame["round"].tolist()[:2] == [1, 2]
    assert frame[["chosen", "round"]].isna().sum().tolist() == [2, 2]
    assert frame.dtypes[["chosen", "round", "p"]].astype(str).tolist() == ["boolean", "Int64", "float64"]


def test_a_column_added_in_two_splits_keeps_both_parts() -> None:
    recorder = points()
    recorder.add_columns("points", "test", as_names(["a", "c"]), {"student": [0.7, 0.8]})
    recorder.add_columns("points", "pool", as_names(["a", "b"]), {"student": [0.5, 0.6]})
    assert recorder.tables["points"]["student"].tolist() == [0.5, 0.6, 0.7, 0.8]


def test_an_id_that_the_split_does_not_hold_is_refused() -> None:
    recorder = points()
    with pytest.raises(AssertionError, match="'test' of the table 'points'"):
        recorder.add_columns("points", "test", as_names(["a", "b"]), {"student": [0.7, 0.8]})
    assert "student" not in recorder.tables["points"]


def test_tables_with_added_columns_survive_parquet(tmp_path: Path) -> None:
    recorder = points()
    reasons = np.array(["first", None], dtype=object)
    recorder.add_columns("points", "pool", as_names(["a", "b"]), {"chosen": [True, False], "reason": reasons})
    recorder.tables["points"].to_parquet(tmp_path / "points.parquet", index=False)
    again = pd.read_parquet(tmp_path / "points.parquet")
    assert again["chosen"].tolist()[:2] == [True, False]
    assert again["reason"].tolist()[0] == "first"
    assert again["reason"].isna().tolist() == [False, True, True, True]


def test_steps_reach_the_tracker_at_once_and_nobody_without_one() -> None:
    listener = Listener()
    Recorder(listener).step({"mixing/accuracy": 0.5}, 3)
    assert listener.steps == [({"mixing/accuracy": 0.5}, 3)]
    Recorder().step({"mixing/accuracy": 0.5}, 3)


def test_stages_of_one_name_add_up_and_are_timed_even_when_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr("w2s.results.recorder.time.perf_counter", lambda: next(now))
    recorder = Recorder()
    with recorder.stage("fits"):
        pass
    with pytest.raises(ZeroDivisionError), recorder.stage("fits"):
        1 / 0  # noqa: B018
    assert recorder.seconds == {"fits": 5.0}


def test_a_stage_is_logged_with_its_place_and_by_a_quiet_recorder_not_at_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    quiet = Recorder(quiet=True)
    with quiet.stage("data"):
        pass
    quiet.skip("mixing", "too few points")
    assert caplog.messages == []
    assert list(quiet.seconds) == ["data"]
    recorder = Recorder()
    with recorder.stage("unequal", place="setting 3 of 15"):
        pass
    assert caplog.messages[0].startswith("setting 3 of 15: unequal took ")
    assert list(recorder.seconds) == ["unequal"]


def test_a_quiet_recorder_still_warns(caplog: pytest.LogCaptureFixture) -> None:
    Recorder(quiet=True).note("nearly all of one class")
    assert caplog.messages == ["nearly all of one class"]


def test_a_hundred_columns_are_added_without_a_word() -> None:
    recorder = Recorder()
    ids = as_names(["a", "b"])
    recorder.table("points", pd.DataFrame({"id": ids, "split": "pool"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in ("weak", "student"):
            recorder.add_columns("points", "pool", ids, {f"{model}_{k}": np.full(2, float(k)) for k in range(150)})
    assert recorder.tables["points"].shape == (2, 302)
    assert recorder.tables["points"]["student_149"].tolist() == [149.0, 149.0]
