"""A run kept offline is read back by W&B's own program; a server that misbehaves never costs the run anything."""

from __future__ import annotations

import gc
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from w2s.errors import ConfigError
from w2s.tracker import WandbTracker
from w2s.tracker.wandb import as_table
from w2s.tracker.wandb_service import LAST_WAIT, within

METRICS = {
    "weak/accuracy": 1 / 3,
    "pgr": 0.1 + 0.2,
    "gain/low": -1.2345678901234567e-5,
    "mixing/0.0": 0.1,
    "mixing/0.3": np.nextafter(0.7, 1.0).item(),
    "mixing/1.0": 0.9,
    "selection/accuracy": 2 / 3,
}
CONFIG = {"seed": 7, "study": {"rounds": 3, "shares": [0.0, 0.5]}, "dataset": {"path": None}}


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT", "WANDB_DIR", "WANDB_TAGS", "WANDB_NOTES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def tracker(folder: Path, **arguments: Any) -> WandbTracker:
    facts = {"name": "full digits 7", "group": "abc", "run_id": "abc-7-1", "job_type": "full", "setting": "detector=paper"}
    return WandbTracker(**{"folder": folder, "config": CONFIG, **facts, **arguments})


def inspect(folder: Path) -> dict[str, Any]:
    (run,) = {link.resolve() for link in (folder / "wandb").glob("*run-*")}
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--summary", "--json", str(run)]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.mark.slow
def test_an_offline_run_reads_back_to_the_last_digit(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "score": [1 / 7, float("nan")], "label": pd.array([None, 2], dtype="Int64")})
    with caplog.at_level(logging.INFO), tracker(tmp_path, tags=("paper", "cpu"), notes="a note") as tracked:
        for step in range(4):
            tracked.log({"selection/accuracy": 0.5 + step / 100}, step)
            tracked.log({"mixing/share": step / 3, "mixing/accuracy": step / 7}, step)
        tracked.table("points", frame)
        tracked.log(METRICS)
    run = inspect(tmp_path)
    numbers = {name: value for name, value in run["summary"].items() if not name.startswith("_") and name != "points"}
    assert numbers == METRICS
    assert run["config"] == {**CONFIG, "setting": "detector=paper"}
    assert (run["run_id"], run["name"], run["project"], run["state"]) == ("abc-7-1", "full digits 7", "w2s", "finished")
    assert set(run["tags"]) == {"paper", "cpu"}
    (table,) = tmp_path.glob("wandb/offline-run-*/files/media/table/points*.json")
    rows = [["a", 1 / 7, None], ["b", None, 2]]
    assert json.loads(table.read_text()) == {"columns": ["id", "score", "label"], "data": rows}
    assert "wandb sync" in caplog.text


def as_json(table: Any) -> dict[str, Any]:
    """A table as W&B keeps it, with the types of its columns."""
    import wandb

    artifact = wandb.Artifact("name", "type")
    artifact.add(table, "table")
    (entry,) = artifact.manifest.entries.values()
    return dict(json.loads(Path(str(entry.local_path)).read_text(encoding="utf-8")))


def test_declared_columns_have_the_types_that_wandb_would_have_found() -> None:
    import wandb

    columns: dict[str, Any] = {
        "text": ["a", None, "c"],
        "score": [0.5, float("nan"), 1.5],
        "round": pd.array([1, None, 2], dtype="Int64"),
        "chosen": pd.array([True, None, False], dtype="boolean"),
        "size": [1, 2, 3],
        "right": [True, False, True],
        "mixed numbers": pd.Series([1, 2.5, None], dtype=object),
    }
    frame = pd.DataFrame(columns)
    rows = [list(row) for row in frame.astype(object).where(frame.notna(), None).to_numpy()]
    assert as_json(as_table(frame)) == as_json(wandb.Table(columns=list(columns), data=rows))


def test_columns_of_other_things_are_left_to_wandb() -> None:
    table = as_json(as_table(pd.DataFrame({"number": [1, 2], "list": [[1], [2, 3]]})))
    assert table["data"] == [[1, [1]], [2, [2, 3]]]
    assert set(table["column_types"]["params"]["type_map"]) == {"number", "list"}


def test_an_exception_marks_the_run_as_failed_and_passes_on(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), tracker(tmp_path):
        _ = 1 / 0
    assert inspect(tmp_path)["state"] == "failed"


def test_the_environment_names_the_project_and_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    with tracker(tmp_path / "run"):
        pass
    assert inspect(tmp_path / "elsewhere")["project"] == "mine"


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_disabled_writes_nothing(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "disabled" if by == "environment" else "offline")
    with tracker(tmp_path, mode="disabled" if by == "argument" else "auto") as tracked:
        tracked.log(METRICS)
        tracked.log({"selection/accuracy": 1.0}, 0)
        tracked.table("points", pd.DataFrame({"a": [1]}))
        tracked.image("curve", tmp_path / "missing.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_key_is_found_in_the_environment_and_in_netrc_only_for_its_host(tmp_path: Path) -> None:
    code = "import os; from w2s.tracker.wandb import has_key; os._exit(has_key())"

    def found(**variables: str) -> bool:
        environment = {**os.environ, "WANDB_BASE_URL": "http://127.0.0.1:9", "WANDB_CONFIG_DIR": str(tmp_path), **variables}
        return bool(subprocess.run([sys.executable, "-c", code], check=False, env=environment, timeout=60).returncode)

    netrc = tmp_path / "netrc"
    assert not found()
    netrc.write_text(f"machine elsewhere.example\n  login user\n  password {'0' * 40}\n")
    assert not found()
    netrc.write_text(f"machine 127.0.0.1:9\n  login user\n  password {'0' * 40}\n")
    assert found()
    netrc.unlink()
    assert found(WANDB_API_KEY="0" * 40)


def test_what_fails_inside_is_said_and_goes_no_further(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with tracker(tmp_path) as tracked:
        tracked.image("curve", tmp_path / "missing.png")
        tracked.log({"pgr": 0.5})
    assert "lost the figure curve" in caplog.text
    assert inspect(tmp_path)["summary"]["pgr"] == 0.5


def test_making_a_tracker_imports_no_wandb() -> None:
    code = "import sys, w2s.tracker; sys.exit('wandb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_patience_is_a_positive_number_of_seconds(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="patience=0"):
        tracker(tmp_path, patience=0.0)


def test_a_call_that_hangs_is_left_behind() -> None:
    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        within(0.05, lambda: threading.Event().wait(5))


def test_what_a_bounded_call_raises_arrives() -> None:
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


def test_all_waits_of_a_run_together_are_bounded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with tracker(tmp_path, mode="disabled", patience=1.5) as tracked:
        tracked._run = type("Hanging", (), {"offline": False, "settings": type("S", (), {"sync_dir": "there"})})()
        start = time.monotonic()
        tracked._send("a step", lambda run: threading.Event().wait(30))
        tracked._send("another", lambda run: threading.Event().wait(30))
    assert time.monotonic() - start < 1.5 + 4 * LAST_WAIT
    assert "W&B lost a step (TimeoutError: no answer within 1.5 s)" in caplog.text
    assert "another" not in caplog.text


def test_what_was_found_are_the_notes_of_the_run(tmp_path: Path) -> None:
    with tracker(tmp_path, notes="mine") as tracked:
        tracked.note("The student gained +1.0 points.")
        assert tracked._run.notes == "mine\n\nThe student gained +1.0 points."


def test_a_hook_of_w_and_b_runs_after_no_import_of_ours(tmp_path: Path) -> None:
    from wandb.sdk.lib import import_hooks

    with tracker(tmp_path):
        assert import_hooks._post_import_hooks == {}


def test_a_finished_run_and_its_tables_are_let_go(tmp_path: Path) -> None:
    from wandb.sdk.wandb_run import Run

    with tracker(tmp_path) as tracked:
        tracked.table("points", pd.DataFrame({"score": [0.5, 0.25]}))
    gc.collect()
    assert not [run for run in gc.get_objects() if isinstance(run, Run) and run.id == "abc-7-1"]
