"""Typos are answered from the files alone, as the composed configuration answers them, and nothing else is."""

from __future__ import annotations

import inspect

import pytest

from tests.configured import check_command, choices, composed
from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.spelling import check_spelling, groups, written
from w2s.errors import ConfigError

PRESETS = ("hydra", "model", "launcher", "experiment", "hparams_search", "debug", "checkpoint", "loss")
CHOICES = [(group, choice) for group in groups() if group not in PRESETS for choice in choices(group)]


@pytest.mark.parametrize(
    "command",
    [
        ["detector=papr"],
        ["dataset=digits,gausian", "-m"],
        ["weak_model=minlm"],
        ["dataset.limt=3"],
        ["dataset=gaussian", "dataset.clases=3"],
        ["detector=confidence", "detector.withn=pool"],
        ["detector.hard_tie=kept"],
        ["strong_model=minilm", "strong_model.poling=mean"],
        ["study.drws=3", "study=mixing"],
    ],
)
def test_the_answer_is_the_one_of_the_composed_configuration(command: list[str]) -> None:
    with pytest.raises(ConfigError) as quick:
        check_spelling(command)
    with pytest.raises(ConfigError) as composed_one:
        check_command([part for part in command if part != "-m"], multirun="-m" in command)
    assert str(quick.value).splitlines()[0] == str(composed_one.value).splitlines()[0]
    assert "Did you mean" in str(quick.value)


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_no_setting_that_a_file_or_its_class_knows_is_refused(group: str, choice: str) -> None:
    node = written(f"{group}/{choice}")
    taken = inspect.signature(find_target(str(node["_target_"]), group)).parameters
    check_spelling([f"{group}={choice}", *(f"{group}.{key}=1" for key in {*node, *taken})])
    with pytest.raises(ConfigError, match=f"^{group}.nonsense: {group} has no setting"):
        check_spelling([f"{group}={choice}", f"{group}.nonsense=1"])


@pytest.mark.parametrize(
    "command",
    [
        ["--config-dir", "mine", "detector=of_mine"],
        ["+dataset.limt=3"],
        ["experiment=regimes", "dataset.limt=3"],
        ["dataset=gaussian", "weak_model.limt=3"],
        ["study.settings.sst2.limt=3"],
        ["hydra.launcher.n_jbs=3"],
        ["detector='a b'"],
    ],
)
def test_what_is_not_certain_is_left_to_the_composed_configuration(command: list[str]) -> None:
    check_spelling(command)


def test_files_are_read_as_hydra_composes_them() -> None:
    for group, choice in (("detector", "refined_belief"), ("dataset", "sciq"), ("strong_model", "minilm")):
        whole = set(composed(f"{group}={choice}")[group])
        assert {key for key in written(f"{group}/{choice}")} == whole
