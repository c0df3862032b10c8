"""Configurations as plain values."""

from __future__ import annotations

import pytest
from omegaconf import OmegaConf

from w2s.cli.plain import plain, without_hydra
from w2s.errors import ConfigError


def test_interpolations_are_resolved_and_hydras_node_is_left_out() -> None:
    config = OmegaConf.create({"seed": 3, "part": {"seed": "${seed}"}, "hydra": {"job": {}}})
    assert plain(config) == {"seed": 3, "part": {"seed": 3}}


def test_what_is_missing_stays_missing() -> None:
    assert plain(OmegaConf.create({"path": "???"})) == {"path": "???"}


def test_an_interpolation_that_leads_nowhere_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"^part\.seed: "):
        plain(OmegaConf.create({"part": {"seed": "${nowhere}"}}))


def test_the_copy_can_be_changed_and_the_original_stays() -> None:
    config = OmegaConf.create({"seed": 3})
    OmegaConf.set_readonly(config, value=True)
    copy = without_hydra(config)
    copy.seed = 4
    assert config.seed == 3
