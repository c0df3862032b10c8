"""W&B refuses, hangs, drops the connection, dies, or finds no room: the run ends normally and its numbers stay on disk."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.tracker.servers import server

pytestmark = pytest.mark.slow

PATIENCE = 15.0
"""As it is by default: what all waits of a run may take together."""
RUN = f"""
import json, logging, os, sys
from pathlib import Path
import pandas as pd
import psutil
from w2s.tracker import WandbTracker

logging.basicConfig(level=logging.INFO, format="%(message)s")
folder, trouble = Path(sys.argv[1]), sys.argv[2]

facts = dict(name="a run", group="abc", job_type="full", setting="a", config={{"seed": 7}}, patience={PATIENCE})
for attempt in (1, 2):
    with WandbTracker(folder=folder, run_id=f"abc-7-{{attempt}}", **facts) as tracker:
        tracker.log({{"selection/accuracy": 0.5}}, 0)
        if attempt == 1:
            print(os.getpid(), flush=True)
        if trouble == "killed" and attempt == 1:
            for child in psutil.Process().children(recursive=True):
                child.kill()
            import sklearn.linear_model  # after which W&B would run a hook of its own
        tracker.log({{"pgr": 1 / 3}})
        tracker.table("points", pd.DataFrame({{"a": [1.5, 2.5]}}))
    (folder / f"results-{{attempt}}.json").write_text(json.dumps({{"pgr": 1 / 3}}))
"""


def run(folder: Path, trouble: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], float]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    environment |= {"NETRC": str(folder / "netrc"), "WANDB_CONFIG_DIR": str(folder / "config"), **variables}
    start = time.monotonic()
    command = [sys.executable, "-c", RUN, str(folder), trouble]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=150)
    return done, time.monotonic() - start


def summaries(folder: Path) -> list[dict[str, object]]:
    """What W&B's own program reads in each run folder that holds anything."""
    found = []
    for path in sorted({link.resolve() for link in (folder / "wandb").glob("*run-*")}):
        command = [sys.executable, "-m", "wandb", "leet", "inspect", "--summary", "--json", str(path)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        found += [json.loads(shown.stdout)["summary"]] if shown.returncode == 0 else []
    return found


def both_finished(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    assert (folder / "results-1.json").exists()
    assert (folder / "results-2.json").exists()
    assert helpers(int(done.stdout.split()[0])) == []


def helpers(pid: int) -> list[int]:
    """Processes that W&B started for another one and that are still there."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any("wandb-core" in word for word in words) and str(pid) in words:
            found.append(process.pid)
    return found


@pytest.mark.parametrize("trouble", ["refuses", "hangs", "drops"])
def test_a_server_in_trouble_costs_bounded_time_and_no_number(trouble: str, tmp_path: Path) -> None:
    with server(hangs=trouble == "hangs") as address:
        address = "http://127.0.0.1:9" if trouble == "refuses" else address
        done, seconds = run(tmp_path, trouble, WANDB_BASE_URL=address, WANDB_API_KEY="0" * 40)
    both_finished(tmp_path, done)
    assert seconds < PATIENCE + 45  # the second run of the process does not wait again; the rest is the process itself
    assert "wandb sync" in done.stderr
    assert [summary.get("pgr") for summary in summaries(tmp_path)].count(1 / 3) == 2


def test_a_killed_process_loses_one_run_and_the_next_begins_anew(tmp_path: Path) -> None:
    done, _ = run(tmp_path, "killed", WANDB_MODE="offline")
    both_finished(tmp_path, done)
    assert "W&B lost" in done.stderr
    assert "Traceback" not in done.stderr
    assert [summary.get("pgr") for summary in summaries(tmp_path)].count(1 / 3) == 1


def test_a_folder_that_takes_nothing_costs_the_run_nothing(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where a folder should be")
    done, _ = run(tmp_path, "full", WANDB_MODE="offline", WANDB_DIR=str(tmp_path / "full"))
    both_finished(tmp_path, done)


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "drops"])
def test_a_command_behind_which_a_pipe_waits_comes_to_its_end(hangs: bool, tmp_path: Path) -> None:
    """A helper that is left behind would hold the pipe open."""
    command = f"{shlex.quote(sys.executable)} -m w2s.main study=transfer figures=false hydra.run.dir=run | cat"
    with server(hangs=hangs) as address:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
        environment |= {"NETRC": str(tmp_path / "netrc"), "WANDB_BASE_URL": address, "WANDB_API_KEY": "0" * 40}
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
    assert "The student gained" in " ".join(done.stdout.split())
    assert json.loads((tmp_path / "run" / "results.json").read_text())["status"] == "ok"
