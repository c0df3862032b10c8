"""What is composed quickly is what Hydra would compose."""

from __future__ import annotations

import pytest
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from w2s.cli.configuration.compose import Loader, session
from w2s.cli.configuration.hydra_internals import ConfigLoaderImpl
from w2s.cli.configuration.tree import plain
from w2s.cli.run.run_folder import folder_of_job
from w2s.cli.sweep.plan import expand

FAST = ("study=transfer", "tracker=none")


@pytest.mark.parametrize(
    "job",
    [
        (*FAST, "dataset=gaussian", "detector=oracle", "seed=3"),
        (*FAST, "dataset.threshold=4", "preparation.labels=hard"),
        (*FAST, "weak_model=raw", "++setting=mine", "hydra.sweep.dir=there"),
        ("study=mixing", "tracker=none", "study.draws=3", "data_seed=2"),
    ],
)
def test_the_quick_composition_equals_hydras(job: tuple[str, ...]) -> None:
    with session() as hydra:
        loader = hydra.config_loader
        loader.load_configuration("config", [*FAST, "seed=11", "threads=3"], RunMode.RUN)
        quick = loader.load_configuration("config", list(job), RunMode.RUN)
        whole = ConfigLoaderImpl.load_configuration(loader, "config", list(job), RunMode.RUN)
        assert OmegaConf.to_yaml(quick) == OmegaConf.to_yaml(whole)
        assert folder_of_job(quick) == folder_of_job(whole)
        assert plain(quick) == plain(whole)


def test_each_combination_of_choices_is_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    compose = ConfigLoaderImpl.load_configuration

    def counted(self: Loader, name: str, overrides: list[str], mode: RunMode) -> DictConfig:
        asked.append(overrides)
        return compose(self, name, overrides, mode)

    monkeypatch.setattr(ConfigLoaderImpl, "load_configuration", counted)
    with session() as hydra:
        for job in expand([*FAST, "dataset=digits,gaussian", "seed=range(0,5)", "data_seed=0,1"], hydra.config_loader, None):
            hydra.config_loader.load_configuration("config", list(job), RunMode.RUN)
    assert asked == [[*FAST, "dataset=digits"], [*FAST, "dataset=gaussian"]]


@pytest.mark.parametrize(
    ("overrides", "learner"),
    [
        (("labelling_functions=mine.py", "model=minilm"), "MajorityVote"),
        (("labelling_functions=mine.py", "weak_model=dawid_skene"), "DawidSkene"),
        (("labelling_functions=null", "model=minilm"), "LogisticProbe"),
    ],
)
def test_labelling_functions_bring_a_label_model_unless_one_is_chosen(overrides: tuple[str, ...], learner: str) -> None:
    with session() as hydra:
        config = hydra.config_loader.load_configuration("config", ["dataset=table", *overrides], RunMode.RUN)
    assert config.weak_model.learner._target_.rsplit(".", 1)[-1] == learner
    assert config.dataset.functions == config.labelling_functions


def test_the_weak_models_column_is_read_by_the_data_set() -> None:
    with session() as hydra:
        words = ["dataset=table", "weak_model=column", "weak_model.column='gpt_*'"]
        config = hydra.config_loader.load_configuration("config", words, RunMode.RUN)
    assert config.dataset.predictions == "gpt_*"
