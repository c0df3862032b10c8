"""What a run leaves on disk, and what becomes of it when somebody else has been there."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from w2s.errors import DataError
from w2s.results.files import RESULTS, ended_run, read_results, read_table, write_results
from w2s.results.recorder import Recorder
from w2s.results.schema import RunIdentity

RUN = RunIdentity(
    study="transfer", signature="abc", seed=0, attempt=1, setting="a", config={"seed": 0}, overrides=["seed=0"]
)


def written(folder: Path) -> dict[str, Any]:
    """A finished run with a table."""
    recorder = Recorder()
    recorder.record({"gain": 0.1})
    recorder.table("points", pd.DataFrame({"id": ["a"]}))
    return write_results(folder, RUN, recorder).json()


def test_undefined_metrics_are_null_and_every_number_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.record({"gain": 0.1 + 0.2, "pgr": math.nan, "pgr/low": None})
    recorder.fact("points of the pool", 600)
    results = write_results(tmp_path, RUN, recorder)
    assert json.loads((tmp_path / RESULTS).read_text())["metrics"] == {"gain": 0.1 + 0.2, "pgr": None, "pgr/low": None}
    assert read_results(tmp_path) == results
    assert results.facts == {"points of the pool": 600}


def test_a_failed_run_keeps_what_it_had_and_says_why(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.record({"gain": 1.0})
    recorder.table("points", pd.DataFrame({"id": ["a"]}))
    results = write_results(tmp_path, RUN, recorder, DataError("no such column"))
    assert (results.ok, results.error, results.metrics) == (False, "DataError: no such column", {"gain": 1.0})
    table = read_table(tmp_path, results, "points")
    assert table is not None
    assert table["id"].tolist() == ["a"]
    assert read_table(tmp_path, results, "curve") is None


def test_a_folder_where_no_run_has_ended_holds_no_results(tmp_path: Path) -> None:
    assert read_results(tmp_path) is None
    assert ended_run(tmp_path) is None


DAMAGES: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "half": lambda results: json.dumps(results).encode()[:40],
    "no text": lambda results: b"\xff" + json.dumps(results).encode(),
    "a list": lambda results: json.dumps([results]).encode(),
    "nested": lambda results: b"[" * 100_000,
    "another format": lambda results: json.dumps({**results, "format": 1}).encode(),
    "no format": lambda results: json.dumps({k: v for k, v in results.items() if k != "format"}).encode(),
    "a word for a number": lambda results: json.dumps({**results, "metrics": {"gain": "much"}}).encode(),
    "a field less": lambda results: json.dumps({k: v for k, v in results.items() if k != "seed"}).encode(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_results_are_named_in_one_line(damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / RESULTS).write_bytes(DAMAGES[damage](written(tmp_path)))
    with pytest.raises(DataError) as caught:
        read_results(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / RESULTS}: not the results of a run in format 2 (")
    assert len(str(caught.value).splitlines()) == 1
    assert ("format: " in str(caught.value)) == ("format" in damage)
    assert ended_run(tmp_path) is None
    assert str(tmp_path / RESULTS) in caplog.text


def test_a_folder_or_a_pipe_in_the_place_of_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder" / RESULTS).mkdir(parents=True)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / RESULTS)
    for folder in ("folder", "pipe"):
        with pytest.raises(DataError, match=f"{RESULTS}: cannot be read: not a regular file"):
            read_results(tmp_path / folder)


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_run_whose_table_is_not_the_one_it_wrote_counts_as_not_done(
    damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path)
    results = read_results(tmp_path)
    assert results is not None
    assert ended_run(tmp_path) == results
    path = tmp_path / "points.parquet"
    content = path.read_bytes()
    path.write_bytes(
        {"cut": content[:-1], "flipped": content[:50] + bytes([content[50] ^ 1]) + content[51:], "gone": b""}[damage]
    )
    if damage == "gone":
        path.unlink()
    assert ended_run(tmp_path) is None
    assert str(path) in caplog.text
    with pytest.raises(DataError, match=r"points\.parquet"):
        read_table(tmp_path, results, "points")


def test_results_cannot_name_files_outside_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "secret.parquet").write_bytes(b"x")
    results = {**written(folder), "files": {"../secret.parquet": "0" * 64}}
    (folder / RESULTS).write_text(json.dumps(results))
    assert ended_run(folder) is None
