"""From the program's arguments to what they ask for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.configured import check_command
from w2s.cli import command_line
from w2s.cli.command_line import read_command, run_command_line
from w2s.errors import ConfigError

LONG = "a" * 300
SWEEP = ["study=transfer", "tracker=none", "seed=0,1"]


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


def test_an_option_keeps_its_value() -> None:
    command = read_command(["seed=1", "--config-dir", "mine", "~experiment", "-cn", "other", "+x=3"])
    assert (command.config_dir, command.config_name) == ("mine", "other")
    assert command.overrides == ["seed=1", "~experiment", "+x=3"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed=3"], r"^--seed=3: there is no such option\.\nA setting is written without dashes: seed=3\."),
        (["seed=3", "--sweep"], r"^--sweep: there is no such option\.\nA setting is written as key=value\."),
        (["--config-dir"], r"expected one argument"),
        (["--resolve"], r"^--resolve goes with --cfg or --help"),
        (["--run", "--multirun"], r"^--run and --multirun: only one of them"),
        (["--config-path", "mine"], r"^--config-path: .*--config-dir"),
        (["--experimental-rerun", "config.pickle"], r"^--experimental-rerun"),
    ],
)
def test_an_option_that_does_not_exist_or_fit_is_one_short_message(arguments: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        read_command(arguments)
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["seed=range(0,3,0)", "-m"], r"seed=range\(0,3,0\): the step of a range is not 0"),
        (["hydra=null"], "hydra is a node of settings"),
        (["hydra=3"], "hydra is a node of settings"),
        (["hydra.launcher=null"], "hydra.launcher: None is no launcher"),
        (["hydra/launcher=null"], "a hydra/launcher has to be chosen"),
        ([*SWEEP, "-m", "hydra.launcher._target_=w2s.model.Model"], "w2s.model.Model is no launcher"),
        ([*SWEEP, "-m", "hydra.launcher._target_=hydra_plugins.w2s.sweeper.ResumingSweeper"], "is no launcher"),
        ([*SWEEP, "-m", "hydra.sweeper.max_batch_size=-1"], r"max_batch_size=-1: it should be greater than or equal to 1"),
        ([*SWEEP, "-m", "launcher=local_gpus", "hydra.launcher.jobs_per_device=0"], r"jobs_per_device=0: it should be"),
        ([f"dataset={LONG}"], "no such dataset"),
        ([f"hydra.run.dir={LONG}"], "name of 300 letters is too long"),
        (["-cd", LONG], "there is no such folder"),
        (["-cn", LONG], "there is no configuration"),
        (["-cn", "nowhere"], "Cannot find primary config 'nowhere'"),
        (["hydra.mode=foo"], r"hydra\.mode=foo\n"),
        (["hydra.searchpath=[pkg://this]"], r"hydra\.searchpath.*folders"),
        (["hydra.job.env_copy=[NOWHERE]"], "there is no such environment variable"),
    ],
)
def test_a_command_that_cannot_be_meant_is_one_short_message(arguments: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        check_command(arguments)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_wrong_command_ends_with_its_message_and_a_code_that_is_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.setattr(sys, "argv", ["w2s", "detector=papr"])
    with pytest.raises(SystemExit, match="Did you mean 'paper'"):
        run_command_line()


def test_the_error_itself_arrives_when_the_whole_story_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    monkeypatch.setattr(sys, "argv", ["w2s", "detector=papr"])
    with pytest.raises(ConfigError, match="Did you mean 'paper'"):
        run_command_line()


@pytest.mark.parametrize("arguments", [["--help", "study=mixing", "study.draws=0"], ["--hydra-help"]])
def test_what_only_shows_something_is_not_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["w2s", *arguments])
    monkeypatch.setattr(command_line, "sweep", None)
    run_command_line()
    assert "hydra" in capsys.readouterr().out


def test_a_mistake_is_answered_without_loading_numpy(tmp_path: Path) -> None:
    said = "import sys, w2s.main\ntry: w2s.main.main()\nfinally: print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said, "detector=papr"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
