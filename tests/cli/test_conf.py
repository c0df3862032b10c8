"""Every choice of every group composes, passes the checks and names a target."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from w2s.cli.overrides import compose_checked, composer
from w2s.cli.paths import conf_folder
from w2s.cli.preflight import preflight
from w2s.errors import ConfigError

CONF = conf_folder()
PRESETS = ("model", "launcher", "experiment", "hparams_search", "debug")
"""Groups that only select: they hold no code."""
GROUPS = sorted(folder.name for folder in CONF.iterdir() if folder.is_dir() and folder.name != "hydra")
CHOICES = [(file.parent.name, file.stem) for group in GROUPS for file in sorted((CONF / group).glob("*.yaml"))]


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_every_choice_composes_and_passes_the_preflight(group: str, choice: str) -> None:
    with composer():
        try:
            preflight(compose_checked([f"{group}={choice}"], "config"))
        except ConfigError as error:
            assert " is missing" in str(error), "only what a person has to give may be missing"  # noqa: PT017


@pytest.mark.parametrize(("group", "choice"), [pair for pair in CHOICES if pair[0] not in PRESETS])
def test_every_choice_of_a_group_with_code_names_its_target(group: str, choice: str) -> None:
    assert str(OmegaConf.load(CONF / group / f"{choice}.yaml").get("_target_", "")).startswith("w2s.")


@pytest.mark.parametrize("choice", [choice for group, choice in CHOICES if group == "model"])
def test_a_model_preset_only_selects(choice: str) -> None:
    assert set(OmegaConf.load(CONF / "model" / f"{choice}.yaml")) == {"defaults"}


@pytest.mark.parametrize("group", [group for group in GROUPS if group not in (*PRESETS, "weak_model", "strong_model")])
def test_every_group_has_a_room_of_the_same_name(group: str) -> None:
    assert (Path(__file__).parents[2] / "w2s" / group).is_dir()


def test_a_data_sets_usual_pair_gives_way_to_the_command_line() -> None:
    with composer():
        usual = compose_checked(["dataset=gaussian"], "config")
        chosen = compose_checked(["dataset=gaussian", "model=features"], "config")
    assert usual.weak_model.representation._target_ == "w2s.model.Columns"
    assert chosen.weak_model.representation._target_ == "w2s.model.Raw"


def test_the_pair_of_tables_is_not_the_pair_of_images() -> None:
    with composer():
        table = compose_checked(["model=features"], "config")
        image = compose_checked(["model=pixels"], "config")
    assert table.weak_model.learner.scale == "standard"
    assert table.strong_model.representation._target_ == "w2s.model.Products"
    assert image.strong_model.representation == {"_target_": "w2s.model.Quadratic", "components": 24}
    assert (image.strong_model.learner.C, image.strong_model.learner.scale) == (0.003, "standard")
