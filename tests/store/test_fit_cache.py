"""A fit is computed once among all processes; what is damaged is computed again, and verify and prune know of it."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from w2s.model.training.state import Trained
from w2s.store import Store
from w2s.store.fit_cache import stored_fit
from w2s.store.listing import fits_of
from w2s.store.maintenance import prune, verify
from w2s.types import History

KEY = {"network": "a", "seed": 0, "texts": 3}


def outcome(value: float = 1.0) -> Trained:
    return Trained({"head.weight": np.full((2, 3), value, dtype=np.float32)}, History())


def test_it_is_computed_once_a_key(tmp_path: Path) -> None:
    store, calls = Store(str(tmp_path)), []

    def compute(folder: Path) -> Trained:
        calls.append(folder)
        return outcome(len(calls))

    values = [stored_fit(store, key, compute, Trained) for key in (KEY, KEY, KEY | {"seed": 1})]
    assert [value.weights["head.weight"][0, 0] for value in values] == [1, 1, 2]
    assert len(set(calls)) == len(calls) == 2


def slow_fit(root: str, log: str) -> None:
    def compute(folder: Path) -> Trained:
        with Path(log).open("a") as stream:
            stream.write("computed\n")
        time.sleep(0.5)
        return outcome()

    stored_fit(Store(root), KEY, compute, Trained)


def test_processes_that_want_the_same_wait_for_one(tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    workers = [multiprocessing.get_context("spawn").Process(target=slow_fit, args=(str(tmp_path), log)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert Path(log).read_text() == "computed\n"


@pytest.mark.parametrize("file", ["fit.json", "fit.safetensors"])
def test_damage_is_found_said_and_computed_again(file: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(str(tmp_path))
    stored_fit(store, KEY, lambda _: outcome(1), Trained)
    assert verify(store) == {}
    path = store.fit_folder(KEY) / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert list(verify(store)) == [store.fit_folder(KEY)]
    again = stored_fit(store, KEY, lambda _: outcome(2), Trained)
    assert "It is computed again" in caplog.text
    assert again.weights["head.weight"][0, 0] == 2
    assert verify(store) == {}


@dataclass(frozen=True)
class Other:
    number: int


def test_another_kind_of_value_is_no_fit(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    stored_fit(store, KEY, lambda _: History(), History)
    assert stored_fit(store, KEY, lambda _: outcome(3), Trained).weights["head.weight"][0, 0] == 3


def test_a_store_lists_and_prunes_its_fits(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    for seed in (0, 1):
        stored_fit(store, KEY | {"seed": seed}, lambda _: outcome(), Trained)
    names = [fit.name for fit in fits_of(store)]
    assert len(names) == 2
    prune(store, (names[0],))
    assert [fit.name for fit in fits_of(store)] == names[1:]
