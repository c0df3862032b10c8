"""What stands for a sweep's folders."""

from __future__ import annotations

from omegaconf import OmegaConf

from w2s.cli import resolvers
from w2s.cli.signature import signature


def test_a_sweep_is_named_by_its_experiment_or_else_by_its_study() -> None:
    resolvers.register()
    hydra = {"runtime": {"choices": {"experiment": None, "study": "mixing"}}}
    config = OmegaConf.create({"hydra": hydra, "name": "${w2s.sweep:}"})
    assert config.name == "mixing"
    config.hydra.runtime.choices.experiment = "figure_1"
    assert config.name == "figure_1"


def test_a_run_folder_carries_the_signature() -> None:
    resolvers.register()
    config = OmegaConf.create({"seed": 2, "study": {"draws": 8}, "folder": "${w2s.signature:}-s${seed}"})
    assert config.folder == f"{signature(config)}-s2"
