"""What happens to a command before and after Hydra has it."""

from __future__ import annotations

import logging
import sys

import pytest

from w2s.cli import door
from w2s.cli.errors import UserError
from w2s.errors import DataError


def test_a_wrong_command_never_reaches_hydra(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[bool] = []
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.setattr(sys, "argv", ["w2s", "detector=papr"])
    monkeypatch.setattr(door, "job", lambda: reached.append(True))
    with pytest.raises(SystemExit) as caught:
        door.run_command_line()
    assert "Did you mean 'paper'" in str(caught.value.code)
    assert not reached


@pytest.mark.parametrize("option", ["--help", "--hydra-help"])
def test_what_only_shows_something_is_not_checked(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    reached: list[bool] = []
    monkeypatch.setattr(sys, "argv", ["w2s", option, "detector=papr"])
    monkeypatch.setattr(door, "job", lambda: reached.append(True))
    door.run_command_line()
    assert reached == [True]


def test_a_failure_in_a_sweep_is_plain_text_and_told_in_the_jobs_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        told = door.failed(DataError("no such column"))
    assert isinstance(told, UserError)
    assert str(told) == "DataError: no such column"
    assert "no such column" in caplog.text
