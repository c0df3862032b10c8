"""What helps to look before and while running: the debug deltas, the tree of the configuration, shell completion."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.util import find_spec

import pytest
from rich.console import Console

from tests.configured import composed
from w2s.cli.configuration.tree import shown
from w2s.errors import ConfigError


def test_a_dry_run_checks_shows_and_leaves_nothing(sweeps) -> None:
    command = [sys.executable, "-m", "w2s.main", "debug=dryrun", "study=transfer"]
    done = subprocess.run(command, cwd=sweeps.folder, env=sweeps.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "dataset = digits" in done.stdout
    assert "nothing was run" in done.stdout
    assert list(sweeps.folder.iterdir()) == []


@pytest.mark.slow
def test_a_dry_run_of_a_sweep_lists_what_is_finished_and_what_is_to_do(sweeps) -> None:
    assert sweeps.run("seed=1").returncode == 0
    before = sorted(sweeps.folder.rglob("*"))
    done = sweeps.run("seed=0,1", "debug=dryrun")
    assert done.returncode == 0, done.stderr
    jobs = [line.split("[HYDRA] ")[-1] for line in done.stdout.splitlines() if "seed=" in line]
    assert [job.split()[0] for job in jobs] == ["to", "finished"]
    assert sorted(sweeps.folder.rglob("*")) == before


def test_debugging_wins_over_an_experiment_and_the_command_line_over_debugging() -> None:
    config = composed("experiment=figure_1", "debug=default", "tracker=wandb")
    limited = composed("debug=limit", "dataset.limit=50")
    assert config.show_config
    assert config.hydra.sweep.dir == "multirun_outputs/debug"
    assert config.tracker._target_.endswith("WandbTracker")
    assert limited.dataset.limit == 50


def test_the_tree_shows_settings_and_the_study_with_the_choice_of_each_group() -> None:
    values = {"seed": 3, "dataset": {"limit": 9}, "study": {"dataset": {"limit": 9, "label": "[a]"}}, "tracker": {}}
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(shown(values, {"dataset": "table", "study": "transfer"}, ("study", "tracker")))
    text = console.export_text()
    assert "seed: 3" in text
    assert "study = transfer" in text
    assert text.count("dataset = table") == 1
    assert "label: [a]" in text


@pytest.mark.parametrize(("line", "offered"), [("dataset=dig", "dataset=digits"), ("resu", "resume=")])
def test_the_shell_completes_groups_choices_and_keys(sweeps, line: str, offered: str) -> None:
    environment = sweeps.environment | {"COMP_LINE": f"w2s {line}", "COMP_POINT": "99"}
    command = [sys.executable, "-m", "w2s.main", "-sc", "query=bash"]
    done = subprocess.run(command, cwd=sweeps.folder, env=environment, capture_output=True, text=True, timeout=60)
    assert offered in done.stdout.split(), done.stderr


def test_a_plugin_that_is_not_installed_is_named_with_the_way_to_get_it() -> None:
    if find_spec("hydra_plugins.hydra_optuna_sweeper"):
        pytest.skip("it is installed")
    with pytest.raises(ConfigError, match=r"hydra/sweeper/optuna(?s:.*)install the extra"):
        composed("hparams_search=optuna")
