"""Hub data sets over HTTP, from a stand-in on loopback; each load runs in a process of its own, as the hub's client
reads its settings at import."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.hub.fake_hub import COMMIT, serving
from tests.dataset.hub.hub_schemas import write_mirror

pytestmark = pytest.mark.slow

LOAD = """
import json, logging, sys, time
logging.basicConfig(level=logging.WARNING)
import datasets, pandas, pyarrow.parquet
from w2s.dataset.hub import Hub
from w2s.errors import DataError
answers = []
for settings in json.loads(sys.argv[1]):
    begin = time.monotonic()
    sizes = {"weak_train": 20, "pool": 20, "validation": 4, "test": 20}
    dataset = Hub(**{"id": "made/up", "text": "sentence", "label": "label"} | sizes | settings)
    try:
        dataset.check()
        splits = dataset.load(0)
        answer = {"ids": splits.pool.ids.tolist(), "provenance": dict(splits.provenance)}
    except DataError as error:
        answer = {"error": str(error)}
    answers.append(answer | {"seconds": time.monotonic() - begin})
print(json.dumps(answers))
"""
COLA = {"subset": "cola", "test_splits": ["validation"]}
NEW = "6" * 40


def loads(cache: Path, endpoint: str, *settings: dict[str, Any], offline: bool = False) -> list[dict[str, Any]]:
    """What loads of the data set `made/up` say, one after the other in a fresh process."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = plain | {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache)} | ({"HF_HUB_OFFLINE": "1"} if offline else {})
    command = [sys.executable, "-c", LOAD, json.dumps(settings)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    assert all(len(answer.get("error", "").splitlines()) <= 3 for answer in answers)
    return [answer | {"log": done.stderr} for answer in answers]


def card(folder: Path, **subsets: dict[str, str]) -> None:
    """A card that names the files of each split of each subset."""
    lines = ["---", "configs:"]
    for subset, files in subsets.items():
        lines += [f"- config_name: {subset}", "  data_files:"]
        lines += [line for split, path in files.items() for line in (f"  - split: {split}", f"    path: {path}")]
    (folder / "README.md").write_text("\n".join([*lines, "---", "Words"]))


@pytest.fixture
def cola(tmp_path: Path) -> Path:
    """A repository with two subsets."""
    folder = write_mirror("cola", tmp_path / "hub", n=100)
    splits = {split: f"cola/{split}-*" for split in ("train", "validation")}
    card(folder, cola=splits, other={"train": "cola/test-*"})
    return folder


def test_what_was_loaded_is_known_by_its_commit_and_needs_the_hub_no_more(tmp_path: Path, cola: Path) -> None:
    cache, pinned = tmp_path / "cache", COLA | {"revision": COMMIT}
    with serving("made/up", cola) as hub:
        (first,) = loads(cache, hub.address, COLA)
        assert sorted(hub.given) == [
            "README.md",
            *(f"cola/{split}-00000-of-00001.parquet" for split in ("train", "validation")),
        ]
        given = len(hub.given)
        again, exact = loads(cache, hub.address, COLA, pinned)
        assert len(hub.given) == given
    assert first["provenance"] == {"data": "made/up", "data/commit": COMMIT}
    assert first["ids"] == again["ids"] == exact["ids"]
    assert first["log"] == "", "neither bars nor log lines where nobody watches"
    for offline in (False, True):
        later, exact, other, tag = loads(
            cache, hub.address, COLA, pinned, COLA | {"revision": NEW}, COLA | {"revision": "v1"}, offline=offline
        )
        assert later["ids"] == exact["ids"] == first["ids"]
        assert later["log"].count("taken from the cache, commit 555") == 1
        for refused in (other, tag):
            assert "the hub cannot be reached" in refused["error"]
            assert "dataset.path=FOLDER" in refused["error"]
        assert max(answer["seconds"] for answer in (later, exact, other, tag)) < 5


def test_a_branch_that_moves_is_followed_and_a_pinned_commit_stays(tmp_path: Path, cola: Path) -> None:
    cache = tmp_path / "cache"
    with serving("made/up", cola) as hub:
        (first,) = loads(cache, hub.address, COLA)
    write_mirror("cola", cola, n=60)
    with serving("made/up", cola, commit=NEW) as hub:
        moved, pinned = loads(cache, hub.address, COLA, COLA | {"revision": COMMIT})
    assert moved["provenance"]["data/commit"] == NEW
    assert pinned["provenance"]["data/commit"] == COMMIT
    assert pinned["ids"] == first["ids"] != moved["ids"]
    later, pinned = loads(cache, hub.address, COLA, COLA | {"revision": COMMIT}, offline=True)
    assert later["provenance"]["data/commit"] == NEW
    assert pinned["ids"] == first["ids"]


def test_what_the_hub_does_not_have_is_named_with_what_it_has(tmp_path: Path, cola: Path) -> None:
    mistakes: dict[str, dict[str, Any]] = {
        "made/down is no data set of the hub": {"id": "made/down"},
        "no revision=nowhere": {"revision": "nowhere"},
        "no subset 'colla'. Did you mean 'cola'?": {"subset": "colla"},
        "several subsets. Name one: dataset.subset=cola, other": {"subset": None},
        "no split 'trian'. Did you mean 'train'?": {"train_splits": ["trian"]},
        "no column 'sentense'. Did you mean 'sentence'?": {"text": "sentense"},
    }
    with serving("made/up", cola) as hub:
        for _ in ("a fresh cache", "a cache with another subset"):
            answers = loads(tmp_path / "cache", hub.address, *(COLA | mistake for mistake in mistakes.values()), COLA)
            for expected, answer in zip(mistakes, answers, strict=False):
                assert expected in answer["error"]
            assert "ids" in answers[-1]


def test_the_hubs_parquet_copies_have_a_folder_for_each_subset(tmp_path: Path) -> None:
    for name in ("ethics_justice", "ethics_virtue"):
        write_mirror(name, tmp_path / "hub", n=100)
    justice = {"subset": "justice", "revision": "refs/convert/parquet", "text": "scenario"}
    with serving("made/up", tmp_path / "hub") as hub:
        first, virtue, wrong = loads(
            tmp_path / "cache", hub.address, justice, justice | {"subset": "virtue"}, justice | {"subset": "justize"}
        )
        assert sorted(hub.given)[:1] == ["justice/test/0000.parquet"]
    assert "no subset 'justize'. Did you mean 'justice'?" in wrong["error"]
    assert "ids" in virtue
    (later,) = loads(tmp_path / "cache", hub.address, justice, offline=True)
    assert later["ids"] == first["ids"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"up.py": b"import os"}, r"scripts are never run.\nTry its parquet copy: dataset.revision=refs/convert/parquet."),
        ({"train.pkl": b"x", "test.pkl": b"x"}, "holds no parquet, csv or jsonl file"),
        ({"train.tar": b"x", "test.tar": b"x"}, "is published as webdataset; parquet, csv and jsonl files are read"),
        ({"train.parquet": b"PAR1 junk", "test.parquet": b"x"}, "cannot be read: Parquet magic bytes not found"),
    ],
)
def test_scripts_pickles_and_damaged_files_are_refused(tmp_path: Path, files: dict[str, bytes], expected: str) -> None:
    (tmp_path / "hub").mkdir()
    for name, content in files.items():
        (tmp_path / "hub" / name).write_bytes(content)
    with serving("made/up", tmp_path / "hub") as hub:
        (answer,) = loads(tmp_path / "cache", hub.address, {})
    assert expected.replace(r"\n", "\n") in answer["error"]


@pytest.mark.parametrize("with_card", [True, False])
def test_a_gated_data_set_says_where_to_ask_and_how_to_log_in(tmp_path: Path, with_card: bool) -> None:
    write_mirror("sst2", tmp_path / "hub", n=20)
    if with_card:
        (tmp_path / "hub" / "README.md").write_text("Ask first.")
    with serving("made/up", tmp_path / "hub", gated=True) as hub:
        (answer,) = loads(tmp_path / "cache", hub.address, {})
    assert "made/up is gated: accept its terms" in answer["error"]
    assert "HF_TOKEN" in answer["error"]


def test_a_folder_with_the_name_of_a_hub_data_set_is_not_taken_for_it(tmp_path: Path, cola: Path) -> None:
    script = LOAD.replace("import json,", f"import os; os.chdir({str(tmp_path)!r}); import json,")
    write_mirror("sst2", tmp_path / "made" / "up", n=50)
    with serving("made/up", cola) as hub:
        environment = os.environ | {"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "cache")}
        command = [sys.executable, "-c", script, json.dumps([COLA])]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stdout)[0]["provenance"]["data/commit"] == COMMIT


def test_a_hub_that_never_answers_is_given_up_within_seconds_and_the_cache_stands_in(tmp_path: Path) -> None:
    write_mirror("sst2", tmp_path / "hub", n=100)
    with serving("made/up", tmp_path / "hub") as hub:
        (first,) = loads(tmp_path / "cache", hub.address, {})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (again,) = loads(tmp_path / "cache", address, {})
        (nowhere,) = loads(tmp_path / "empty", address, {})
    assert again["ids"] == first["ids"]
    assert "taken from the cache, commit 555" in again["log"]
    assert "the hub cannot be reached" in nowhere["error"]
    assert max(again["seconds"], nowhere["seconds"]) < 12  # of which the hub is given 5
