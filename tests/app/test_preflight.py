"""Mistakes that are found before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from omegaconf import OmegaConf

from w2s.app.preflight import check_node, check_parts, check_type, nodes, preflight, short
from w2s.errors import ConfigError

DIGITS = "w2s.dataset.digits.Digits"


def test_nodes_are_found_at_any_depth_and_in_lists() -> None:
    tree = {"a": {"_target_": "x", "b": {"c": [{"_target_": "y"}]}}, "d": 3}
    assert [where for where, _ in nodes(tree)] == ["a", "a.b.c[0]"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("study.preparation.dataset.path", "dataset.path"),
        ("study.transfer.preparation.weak_model.learner", "weak_model.learner"),
        ("study.draws", "study.draws"),
        ("dataset", "dataset"),
    ],
)
def test_paths_are_shown_as_they_are_written_on_the_command_line(where: str, expected: str) -> None:
    assert short(where, {"study": 0, "preparation": 0, "dataset": 0, "weak_model": 0}) == expected


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


def test_a_wrong_choice_gets_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'mean'"):
        check_type("pooling", "meen", Literal["mean", "last"])


def test_an_interpolation_that_leads_nowhere_is_one_line() -> None:
    with pytest.raises(ConfigError, match="nowhere") as caught:
        preflight(OmegaConf.create({"seed": "${nowhere}"}))
    assert len(str(caught.value).splitlines()) == 1


@dataclass
class _Inner:
    fails: bool

    def check(self) -> None:
        if self.fails:
            raise ConfigError("the inner part is not there")


@dataclass
class _Outer:
    inner: _Inner
    number: int = 3


def test_parts_of_a_built_study_check_themselves() -> None:
    check_parts(_Outer(_Inner(fails=False)))
    with pytest.raises(ConfigError, match="inner part"):
        check_parts(_Outer(_Inner(fails=True)))
