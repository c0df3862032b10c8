"""How a mistake reaches the terminal."""

from __future__ import annotations

import pytest

from w2s.cli.errors import stop
from w2s.errors import ConfigError


def test_the_program_ends_with_the_message_and_a_code_that_is_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(SystemExit) as caught:
        stop(ConfigError("no such thing"))
    assert caught.value.code == "w2s: no such thing"


def test_the_error_itself_arrives_when_the_whole_story_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(ConfigError, match="no such thing"):
        stop(ConfigError("no such thing"))
