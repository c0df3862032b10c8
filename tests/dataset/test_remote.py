"""Hub data sets over HTTP, from a stand-in on loopback; each load runs in a process of its own, as the hub's client
reads its settings at import."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.fake_hub import COMMIT, serving
from tests.dataset.hub_schemas import write_mirror

pytestmark = pytest.mark.slow

LOAD = """
import json, logging, sys
logging.basicConfig(level=logging.WARNING)
from w2s.dataset.hub import Hub
from w2s.errors import DataError
settings = json.loads(sys.argv[1])
dataset = Hub(**{"text": "sentence", "label": "label", "weak_train": 20, "pool": 20, "validation": 4, "test": 20} | settings)
try:
    dataset.check()
    splits = dataset.load(0)
    print(json.dumps({"ids": splits.pool.ids.tolist(), "provenance": dict(splits.provenance)}))
except DataError as error:
    print(json.dumps({"error": str(error)}))
"""


def load(cache: Path, endpoint: str, **settings: Any) -> dict[str, Any]:
    """What a load of the data set `made/up` in a fresh process says."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = plain | {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", LOAD, json.dumps({"id": "made/up"} | settings)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said | {"log": done.stderr}


def test_only_the_wanted_splits_are_downloaded_and_the_commit_is_recorded(tmp_path: Path) -> None:
    write_mirror("cola", tmp_path / "hub", n=100)
    with serving("made/up", tmp_path / "hub") as hub:
        first = load(tmp_path / "cache", hub.address, subset="cola", test_splits=["validation"])
        given = sorted(hub.given)
        again = load(tmp_path / "cache", hub.address, subset="cola", test_splits=["validation"])
    assert first["provenance"] == {"data": "made/up", "data/commit": COMMIT}
    assert given == ["cola/train-00000-of-00001.parquet", "cola/validation-00000-of-00001.parquet"]
    assert sorted(hub.given) == given
    assert again["ids"] == first["ids"]
    unreachable = load(tmp_path / "cache", hub.address, subset="cola", test_splits=["validation"])
    assert unreachable["ids"] == first["ids"]
    assert "taken from the cache, commit 555" in unreachable["log"]
    nowhere = load(tmp_path / "empty", hub.address, subset="cola", test_splits=["validation"])
    assert "the hub cannot be reached" in nowhere["error"]
    assert "dataset.path=FOLDER" in nowhere["error"]


def test_the_card_says_where_files_lie_when_their_names_do_not(tmp_path: Path) -> None:
    write_mirror("cola", tmp_path / "hub", n=100)
    (tmp_path / "hub" / "cola").rename(tmp_path / "hub" / "odd")
    for name in ("train", "validation", "test"):
        (tmp_path / "hub" / "odd" / f"{name}-00000-of-00001.parquet").rename(
            tmp_path / "hub" / "odd" / f"{name[:2]}.parquet"
        )
    files = "[{split: train, path: odd/tr*}, {split: test, path: [odd/te*]}]"
    (tmp_path / "hub" / "README.md").write_text(f"---\nconfigs:\n- config_name: mine\n  data_files: {files}\n---\nMore\n")
    with serving("made/up", tmp_path / "hub") as hub:
        assert load(tmp_path / "cache", hub.address, subset="mine")["provenance"]["data/commit"] == COMMIT
        assert sorted(hub.given) == ["README.md", "odd/te.parquet", "odd/tr.parquet"]


def test_what_the_hub_refuses_is_said_in_two_lines(tmp_path: Path) -> None:
    write_mirror("cola", tmp_path / "hub", n=20)
    with serving("made/up", tmp_path / "hub") as hub:
        unknown = load(tmp_path / "cache", hub.address, id="made/down")["error"]
        revision = load(tmp_path / "cache", hub.address, revision="nowhere")["error"]
        split = load(tmp_path / "cache", hub.address, train_splits=["trian"])["error"]
    assert "made/down is no data set of the hub" in unknown
    assert "no revision=nowhere" in revision
    assert "no file of the split 'trian'. Did you mean 'train'?" in split
    assert all(len(error.splitlines()) <= 3 for error in (unknown, revision, split))


@pytest.mark.parametrize("card", [True, False])
def test_a_gated_data_set_says_where_to_ask_and_how_to_log_in(tmp_path: Path, card: bool) -> None:
    write_mirror("sst2", tmp_path / "hub", n=20)
    if card:
        (tmp_path / "hub" / "README.md").write_text("Ask first.")
    with serving("made/up", tmp_path / "hub", gated=True) as hub:
        error = load(tmp_path / "cache", hub.address)["error"]
    assert "made/up is gated: accept its terms" in error
    assert "HF_TOKEN" in error
    assert len(error.splitlines()) <= 3


def test_a_hub_that_never_answers_is_given_up_within_seconds_and_the_cache_stands_in(tmp_path: Path) -> None:
    write_mirror("sst2", tmp_path / "hub", n=100)
    with serving("made/up", tmp_path / "hub") as hub:
        first = load(tmp_path / "cache", hub.address)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begin = time.monotonic()
        again = load(tmp_path / "cache", address)
        nowhere = load(tmp_path / "empty", address)
        seconds = time.monotonic() - begin
    assert again["ids"] == first["ids"]
    assert "taken from the cache, commit 555" in again["log"]
    assert "the hub cannot be reached" in nowhere["error"]
    assert seconds < 30  # two processes that start, import and wait 5 s each
