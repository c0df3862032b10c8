"""Every choice of every group composes, passes the checks and names a target."""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.configured import CONF, choices, composed
from w2s.cli.configuration.checks import check_settings
from w2s.errors import ConfigError

FOLDERS = sorted(folder.name for folder in CONF.iterdir() if folder.is_dir() and folder.name != "hydra")
PRESETS = ("model", "launcher", "experiment", "hparams_search", "debug")
"""Groups that only select: they hold no code."""
ROLES = {
    **dict.fromkeys(("weak_model", "strong_model", "checkpoint", "learner"), "model"),
    "recipe": "model/training",
}
"""Groups whose code lies in another group's folder."""
INSIDE = ("checkpoint",)
"""Folders whose files are chosen inside other choices."""
GROUPS = [group for group in [*FOLDERS, "weak_learner"] if group not in INSIDE]
CHOICES = [(group, choice) for group in GROUPS for choice in choices(group)]
LEFT_OPEN = {
    ("dataset", "wrench"): "dataset.path",
    ("weak_model", "encoder"): "weak_model.checkpoint",
    ("weak_model", "column"): "weak_model.column",
    ("strong_model", "encoder"): "strong_model.checkpoint",
    ("model", "alexnet_dino"): "weak_model.checkpoint",
    ("experiment", "openai_vision"): "weak_model.checkpoint",
    ("experiment", "csl"): "weak_model.of.checkpoint",
    ("weak_model", "alexnet"): "weak_model.checkpoint",
    ("strong_model", "alexnet"): "strong_model.checkpoint",
    ("weak_model", "image_encoder"): "weak_model.checkpoint",
    ("strong_model", "image_encoder"): "strong_model.checkpoint",
    ("study", "picks_beliefs"): "study.settings.youtube.dataset.path",
    ("experiment", "belief_variants"): "study.settings.youtube.dataset.path",
    ("study", "picks_locked"): "study.settings.youtube.dataset.path",
    ("study", "picks_confirmed"): "study.settings.sms.dataset.path",
    ("experiment", "confirmation_locked"): "study.settings.youtube.dataset.path",
    ("experiment", "confirmation"): "study.settings.sms.dataset.path",
    ("study", "refinement"): "study.settings.youtube.dataset.path",
    ("experiment", "refinement"): "study.settings.youtube.dataset.path",
    ("experiment", "weak_supervision"): "dataset.path",
}
"""Choices that need a value which only a person can give."""


ALONE = ("model", "study", "experiment", "debug", "hparams_search")
"""Groups whose choices choose for other groups."""


def commands() -> list[list[tuple[str, str]]]:
    """Every choice once, in as few commands as they fit in: a choice that stands alone in one of its own."""
    alone = [(group, choice) for group, choice in CHOICES if group in ALONE or (group, choice) in LEFT_OPEN]
    others = [[pair for pair in CHOICES if pair[0] == group and pair not in alone] for group in GROUPS]
    return [[pair] for pair in alone] + [[pair for pair in row if pair] for row in zip_longest(*others)]


@pytest.mark.parametrize("command", commands(), ids=lambda command: " ".join(map("=".join, command)))
def test_every_choice_names_its_target_and_lacks_nothing_but_what_a_person_has_to_give(
    command: list[tuple[str, str]],
) -> None:
    if command == [("hparams_search", "optuna")]:
        pytest.importorskip("hydra_plugins.hydra_optuna_sweeper", reason="the extra: pip install 'w2s[search]'")
    config = composed(*(f"{group}={choice}" for group, choice in command))
    for group, _ in command:
        assert group in PRESETS or config[group]._target_.startswith("w2s.")
    if setting := LEFT_OPEN.get(command[0]):
        with pytest.raises(ConfigError, match=rf"^{re.escape(setting)} is missing"):
            check_settings(config)
    else:
        check_settings(config)


@pytest.mark.parametrize("choice", choices("model"))
def test_a_model_preset_only_selects(choice: str) -> None:
    assert set(OmegaConf.load(CONF / "model" / f"{choice}.yaml")) == {"defaults"}


def test_every_group_with_code_has_a_folder_in_the_package() -> None:
    package = Path(__file__).parents[2] / "w2s"
    assert [group for group in FOLDERS if group not in PRESETS and not (package / ROLES.get(group, group)).is_dir()] == []


def test_a_data_sets_usual_pair_gives_way_to_the_command_line() -> None:
    usual = composed("dataset=gaussian")
    chosen = composed("dataset=gaussian", "model=features")
    assert usual.weak_model.representation._target_ == "w2s.model.Columns"
    assert chosen.weak_model.representation._target_ == "w2s.model.Raw"


def test_the_pair_of_tables_is_not_the_pair_of_images() -> None:
    table = composed("model=features")
    image = composed("model=pixels")
    assert table.weak_model.learner.scale == "standard"
    assert table.strong_model.representation._target_ == "w2s.model.Products"
    assert image.strong_model.representation == {"_target_": "w2s.model.Quadratic", "components": 24}
    assert (image.strong_model.learner.C, image.strong_model.learner.scale) == (0.003, "standard")
