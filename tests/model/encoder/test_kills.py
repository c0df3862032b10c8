"""Killed in the middle of encoding, by any signal: nothing keeps running, nothing is lost, and the vectors are the same."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.encoder import FrozenEncoder
from w2s.store import Store
from w2s.store.maintenance import verify
from w2s.types import Inputs

KILLS = 40
GONE_SECONDS = 5.0
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
TEXTS = tuple(f"Text {i}: " + "water and light " * (i % 40) for i in range(20_000))
ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys
from tests.model.encoder.test_kills import TEXTS
from w2s.model.encoder import FrozenEncoder
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.store import Store
from w2s.types import Inputs
if __name__ == "__main__":
    FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(sys.argv[1]), workers=2).fill(Inputs(texts=TEXTS))
"""


def descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.mark.slow
def test_forty_kills_leave_no_process_behind_and_lose_nothing(tmp_path: Path) -> None:
    chance, store = random.Random(0), Store(str(tmp_path / "store"))
    script = tmp_path / "fill.py"
    script.write_text(SCRIPT)
    finished: set[Path] = set()
    workers_seen = 0
    for turn in range(KILLS):
        with subprocess.Popen(
            [sys.executable, script, store.folder], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
        ) as process:
            begun, patience, moment = time.monotonic(), 60.0, chance.uniform(0.0, 3.0)
            watched = psutil.Process(process.pid)
            while process.poll() is None and len(descendants(watched)) < 3 and time.monotonic() - begun < patience:
                time.sleep(0.05)  # its resource tracker and both workers
            time.sleep(moment)
            children = descendants(watched)
            workers_seen += len(children)
            process.send_signal(SIGNALS[turn % len(SIGNALS)])
            process.wait(GONE_SECONDS)
        _, alive = psutil.wait_procs(children, timeout=GONE_SECONDS)
        assert not alive, f"turn {turn}: {alive}"
        shards = set(store.vectors.glob("*/*.safetensors"))
        assert finished <= shards, "a finished shard was lost"
        finished = shards
    assert workers_seen > 2 * KILLS
    assert verify(store) == {}
    some = Inputs(texts=TEXTS[::100])
    alone = FrozenEncoder(checkpoint=TinyCheckpoint(), store=Store(str(tmp_path / "alone"))).encode(some)
    np.testing.assert_array_equal(FrozenEncoder(checkpoint=TinyCheckpoint(), store=store).encode(some), alone)
