"""Mistakes that are found before anything is built."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from omegaconf import OmegaConf

from w2s.cli.preflight import check_node, check_type, preflight
from w2s.errors import ConfigError

DIGITS = "w2s.dataset.digits.Digits"


def test_an_unknown_argument_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"dataset\.thresold: Digits takes no 'thresold'\. Did you mean 'threshold'\?"):
        check_node("dataset", {"_target_": DIGITS, "thresold": 5}, (), needs_all=True)


def test_a_missing_value_is_refused_only_where_the_node_is_used() -> None:
    node = {"_target_": "w2s.model.TopRows", "rows": "???", "width": 8}
    check_node("weak_model", node, (), needs_all=False)
    with pytest.raises(ConfigError, match=r"Say weak_model\.rows="):
        check_node("weak_model", node, (), needs_all=True)


def test_an_argument_that_is_not_given_is_refused_unless_the_node_is_partial() -> None:
    node = {"_target_": "w2s.model.TopRows", "rows": 4}
    with pytest.raises(ConfigError, match="width is missing"):
        check_node("weak_model", node, (), needs_all=True)
    check_node("weak_model", node | {"_partial_": True}, (), needs_all=True)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [("abc", int), ("abc", float), (1.5, int), ("maybe", bool), ("meen", Literal["mean", "last"]), (3, str), ([1], int)],
)
def test_a_value_of_the_wrong_type_is_refused(value: object, annotation: object) -> None:
    with pytest.raises(ConfigError, match="it should"):
        check_type("x", value, annotation)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [(3, int), (3, float), (None, int | None), ("mean", Literal["mean", "last"]), (["a"], tuple[str, ...]), (True, bool)],
)
def test_a_value_of_the_right_type_is_accepted(value: object, annotation: object) -> None:
    check_type("x", value, annotation)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, [0.5, math.inf]])
def test_numbers_without_end_are_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^dataset\.variance=.*: it should be a finite number\.$"):
        check_type("dataset.variance", value, float | list[float])


def test_a_wrong_choice_gets_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'mean'"):
        check_type("pooling", "meen", Literal["mean", "last"])


def test_an_interpolation_that_leads_nowhere_is_one_line() -> None:
    with pytest.raises(ConfigError, match="nowhere") as caught:
        preflight(OmegaConf.create({"seed": "${nowhere}"}))
    assert len(str(caught.value).splitlines()) == 1
