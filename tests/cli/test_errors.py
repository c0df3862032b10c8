"""A person's mistake as it leaves the program."""

from __future__ import annotations

import pickle

import pytest

from w2s.cli.errors import stop
from w2s.cli.launch import UserError
from w2s.errors import ConfigError


def test_a_mistake_ends_the_program_with_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(SystemExit, match=r"^w2s: no such folder$"):
        stop(ConfigError("no such folder"))


def test_the_error_itself_with_its_cause_is_raised_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    cause = ValueError("why")
    with pytest.raises(ConfigError, match="no such folder") as raised:
        stop(ConfigError("no such folder"), cause)
    assert raised.value.__cause__ is cause


def test_a_mistake_in_a_job_keeps_its_message_between_processes() -> None:
    assert str(pickle.loads(pickle.dumps(UserError("no such column")))) == "no such column"
