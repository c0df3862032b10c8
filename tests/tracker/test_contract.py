"""What the program relies on in every tracker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configured import built, choices
from w2s.protocols import Tracker

GIVEN = {"folder": Path(), "name": "a", "group": "b", "run_id": "c", "job_type": "d", "setting": "e", "config": {}}
"""What a run says of itself, whichever tracker it has."""


@pytest.mark.parametrize("choice", choices("tracker"))
def test_every_choice_takes_what_a_run_says_of_itself(choice: str) -> None:
    assert isinstance(built("tracker", choice)(**GIVEN), Tracker)


def test_without_tracking_everything_is_taken_and_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with built("tracker", "none")(folder=tmp_path, name="run") as tracker:
        tracker.log({"gain": 0.1}, step=3)
        tracker.image("curve", tmp_path / "curve.png")
    assert list(tmp_path.iterdir()) == []
