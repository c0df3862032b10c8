"""A file that several groups share is a choice of each of them, wherever it is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.configured import CONF, check_command, composed
from w2s.cli.configuration.compose import session
from w2s.errors import ConfigError

CHECKPOINTS = {file.stem for file in (CONF / "checkpoint").glob("*.yaml")}
LEARNERS = {file.stem for file in (CONF / "learner").glob("*.yaml")}


def test_each_role_offers_every_checkpoint_and_its_own_models() -> None:
    with session() as hydra:
        offered = hydra.config_loader.get_group_options
        for role in ("weak_model", "strong_model"):
            own = {file.stem for file in (CONF / role).glob("*.yaml")}
            assert set(offered(role)) == CHECKPOINTS | own
            assert not CHECKPOINTS & own
        assert set(offered("weak_learner")) == set(offered("learner")) == LEARNERS


def test_both_roles_hold_the_same_settings_under_their_own_name() -> None:
    config = composed("weak_model=minilm", "strong_model=minilm", "strong_model.max_tokens=64", "weak_model.learner.C=2")
    weak, strong = OmegaConf.to_container(config.weak_model), OmegaConf.to_container(config.strong_model)
    assert (weak["max_tokens"], strong["max_tokens"]) == (256, 64)
    assert (weak["learner"]["C"], strong["learner"]["C"]) == (2, None)
    del weak["max_tokens"], strong["max_tokens"], weak["learner"]["C"], strong["learner"]["C"]
    assert weak == strong
    assert (weak["checkpoint"], weak["dtype"]) == ("sentence-transformers/all-MiniLM-L6-v2", "auto")


def test_a_learner_of_either_role_is_chosen_and_set_by_itself() -> None:
    config = composed("learner=mlp", "learner.epochs=3", "weak_learner=probe", "weak_learner.C=1")
    assert (config.learner._target_, config.learner.epochs) == ("w2s.model.Mlp", 3)
    assert (config.weak_learner._target_, config.weak_learner.C) == ("w2s.model.LogisticProbe", 1)
    assert (composed().learner, composed().weak_learner) == (None, None)


def test_a_preset_and_a_study_take_a_shared_file_to_their_own_place(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text("# @package _global_\ndefaults: [/weak_model: gpt2, /strong_model: gpt2]")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text("defaults: [/weak_model@settings.x.weak_model: tiny_b]\n")
    pair = composed("model=mine", config_dir=tmp_path)
    assert pair.weak_model.checkpoint == pair.strong_model.checkpoint == "openai-community/gpt2"
    inside = composed("study=mine", config_dir=tmp_path).study.settings.x.weak_model
    assert (inside.width, inside.learner._target_) == (64, "w2s.model.LogisticProbe")


def test_a_persons_own_checkpoint_is_offered_to_both_roles(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "mine.yaml").write_text("defaults: [encoder, _self_]\ncheckpoint: /models/mine\n")
    config = composed("weak_model=mine", "strong_model=mine", config_dir=tmp_path)
    assert config.weak_model.checkpoint == config.strong_model.checkpoint == "/models/mine"
    with session() as hydra:
        assert "mine" not in hydra.config_loader.get_group_options("weak_model")


def test_a_persons_own_model_of_the_same_name_takes_the_place_of_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "weak_model").mkdir()
    (tmp_path / "weak_model" / "minilm.yaml").write_text("defaults: [/checkpoint@_here_: minilm, _self_]\nmax_tokens: 8\n")
    config = composed("weak_model=minilm", "strong_model=minilm", config_dir=tmp_path)
    assert (config.weak_model.max_tokens, config.strong_model.max_tokens) == (8, 256)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("weak_model=minlm", r"no such weak_model\. Did you mean 'minilm'\?"),
        ("weak_learner=prob", r"no such weak_learner\. Did you mean 'probe'\?"),
        ("checkpoint=gpt2", r"Say weak_model=gpt2 or strong_model=gpt2"),
        ("learner.C=1", r"learner\.C: no learner is chosen.*Choose one, too: learner="),
        ("learner=null", r"Leave it out"),
        ("learner=mlp strong_model.learner.C=1", r"the chosen learner takes its place\. Set learner\.C,"),
        ("weak_learner=probe weak_model.learner.C=1", r"the chosen weak_learner takes its place\. Set weak_learner\.C,"),
    ],
)
def test_a_mistake_is_answered_in_the_words_of_the_command_line(override: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_command(["tracker=none", *override.split()])
