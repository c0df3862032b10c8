"""Objects from configuration."""

from __future__ import annotations

import pytest
from omegaconf import OmegaConf

from w2s.cli.configuration.build import build
from w2s.dataset.digits import Digits
from w2s.errors import ConfigError
from w2s.tracker import NoTracker


def test_a_node_becomes_its_object() -> None:
    assert build(OmegaConf.create({"_target_": "w2s.dataset.digits.Digits", "threshold": 3})) == Digits(threshold=3)


def test_a_constructors_own_mistake_arrives_as_it_was_raised() -> None:
    with pytest.raises(ConfigError, match=r"^threshold=12: it should be less than or equal to 9\.$"):
        build(OmegaConf.create({"_target_": "w2s.dataset.digits.Digits", "threshold": 12}))


def test_lists_and_mappings_arrive_as_plain_ones() -> None:
    made = build(OmegaConf.create({"_target_": "builtins.dict", "values": [1, 2], "inner": {"a": 1}}))
    assert type(made["values"]) is list
    assert type(made["inner"]) is dict


def test_a_partial_node_takes_plain_values_later() -> None:
    made = build(OmegaConf.create({"_target_": "builtins.dict", "_partial_": True, "a": 1}), b=2)
    assert made == {"a": 1, "b": 2}
    assert not isinstance(made, NoTracker)
