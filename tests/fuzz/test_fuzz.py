"""Two thousand spoilt inputs of every kind: each is read rightly, or refused by one of our errors in three lines."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.mutations import restore
from tests.fuzz.specimens import SPECIMENS
from w2s.errors import W2SError

FEWEST = 2_000
"""Mutations in all."""
LONGEST = 15.0
"""Seconds that one may take on a busy machine; a trap would take minutes."""
LETTERS = 1_800
"""Of a message."""


def test_there_are_enough_mutations() -> None:
    assert sum(specimen.times for specimen in SPECIMENS.values()) >= FEWEST


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPECIMENS)
def test_what_is_spoilt_is_read_rightly_or_refused_in_three_lines(kind: str, tmp_path: Path) -> None:
    specimen, pristine, folder = SPECIMENS[kind], tmp_path / "pristine", tmp_path / "spoilt"
    pristine.mkdir()
    specimen.make(pristine)
    restore(pristine, folder)
    specimen.use(folder)
    outcomes: Counter[str] = Counter()
    for seed in range(specimen.times):
        restore(pristine, folder)
        done = specimen.spoil(folder, random.Random(f"{kind} {seed}"))
        begun = time.monotonic()
        try:
            specimen.use(folder)
            outcomes["right"] += 1
        except W2SError as error:
            outcomes["refused"] += 1
            message = str(error)
            assert message.count("\n") < 3, f"seed {seed}, {done}: {message}"
            assert len(message) < LETTERS, f"seed {seed}, {done}: {message}"
            assert all(character.isprintable() or character == "\n" for character in message), f"seed {seed}, {done}"
        except BaseException as error:
            raise AssertionError(f"seed {seed}, {done}: {type(error).__name__}: {error}") from error
        assert time.monotonic() - begun < LONGEST, f"seed {seed}, {done}"
    assert outcomes["right"]
    assert outcomes["refused"] > specimen.times / 10
