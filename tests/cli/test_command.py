"""Options and overrides in any order."""

from __future__ import annotations

import pytest

from w2s.cli.command import options_first, read_command
from w2s.errors import ConfigError


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "seed=0,1", "study=transfer"],
        ["seed=0,1", "-m", "study=transfer"],
        ["seed=0,1", "study=transfer", "--multirun"],
    ],
)
def test_options_may_stand_anywhere(arguments: list[str]) -> None:
    command = read_command(arguments)
    assert command.multirun
    assert command.overrides == ["seed=0,1", "study=transfer"]
    assert options_first(arguments, command.overrides)[1:] == ["seed=0,1", "study=transfer"]


def test_an_option_keeps_its_value() -> None:
    arguments = ["seed=1", "--config-dir", "mine", "~experiment", "-cn", "other", "+x=3"]
    command = read_command(arguments)
    assert (command.config_dir, command.config_name) == ("mine", "other")
    assert options_first(arguments, command.overrides) == [
        *("--config-dir", "mine", "-cn", "other"),
        *("seed=1", "~experiment", "+x=3"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed=3"], r"^--seed=3: there is no such option\.\nA setting is written without dashes: seed=3\."),
        (["seed=3", "--sweep"], r"^--sweep: there is no such option\.\nA setting is written as key=value\."),
        (["--config-dir"], r"expected one argument"),
    ],
)
def test_an_option_that_does_not_exist_is_one_short_message(arguments: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read_command(arguments)
    assert len(str(caught.value).splitlines()) <= 3
