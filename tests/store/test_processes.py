"""Several processes on the vectors of one key, and processes killed while they write."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.store.writer import fill
from w2s.store.vector_shard import open_shard

COUNT = 6_000
KILLED_COUNT = 20_000
"""So many that fifty kills come before the end."""
ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.writer", str(folder), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 8])
def test_processes_that_ask_for_the_same_vectors_compute_each_once(tmp_path: Path, processes: int) -> None:
    running = [start(tmp_path, COUNT) for _ in range(processes)]
    computed = [int(process.communicate(timeout=120)[0]) for process in running]
    assert [process.returncode for process in running] == [0] * processes
    assert sum(computed) == COUNT


@pytest.mark.slow
def test_fifty_kills_lose_no_finished_shard_and_the_end_is_that_of_an_undisturbed_run(tmp_path: Path) -> None:
    disturbed, undisturbed = tmp_path / "disturbed" / "key", tmp_path / "undisturbed" / "key"
    chance = random.Random(0)
    finished: dict[str, bytes] = {}
    for _ in range(50):
        process = start(disturbed, KILLED_COUNT)
        before = len(list(disturbed.glob("*.safetensors")))
        limit = time.monotonic() + 30
        # The start of Python takes most of a second on a busy machine: wait for the work, then a random moment in it.
        while process.poll() is None and len(list(disturbed.glob("*.safetensors"))) == before and time.monotonic() < limit:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was still at work"
        now = shards(disturbed)
        assert finished.items() <= now.items(), "a finished shard was lost"
        for name in now:
            open_shard(disturbed / name, disturbed.name).verify()
        finished = now
    fill(disturbed, KILLED_COUNT)
    fill(undisturbed, KILLED_COUNT)
    assert shards(disturbed) == shards(undisturbed), "bit for bit, with the same shard plan"
    assert not list(disturbed.glob(".partial-*"))
