"""What a run leaves on disk."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from w2s.errors import DataError
from w2s.results.recorder import Recorder
from w2s.results.run import RunIdentity, read_results, write_results

RUN = RunIdentity(study="transfer", signature="abc", seed=0, attempt=1, arm="a", config={"seed": 0}, overrides=["seed=0"])


def test_undefined_metrics_are_null_and_every_number_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.record({"gain": 0.1 + 0.2, "pgr": math.nan, "pgr/low": None})
    write_results(tmp_path, RUN, recorder)
    results = read_results(tmp_path)
    assert results is not None
    assert results["status"] == "ok"
    assert results["metrics"] == {"gain": 0.1 + 0.2, "pgr": None, "pgr/low": None}


def test_a_failed_run_keeps_what_it_had_and_says_why(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.record({"gain": 1.0})
    recorder.table("points", pd.DataFrame({"id": ["a"]}))
    write_results(tmp_path, RUN, recorder, DataError("no such column"))
    results = read_results(tmp_path)
    assert results is not None
    assert (results["status"], results["error"]) == ("failed", "DataError: no such column")
    assert results["metrics"] == {"gain": 1.0}
    assert pd.read_parquet(tmp_path / "points.parquet")["id"].tolist() == ["a"]


def test_no_results_is_none_and_so_is_half_a_file(tmp_path: Path) -> None:
    assert read_results(tmp_path) is None
    (tmp_path / "results.json").write_text('{"status": "o')
    assert read_results(tmp_path) is None
