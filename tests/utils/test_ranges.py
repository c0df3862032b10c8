"""No setting takes a number with which a run would never end or fit no machine."""

from __future__ import annotations

import inspect
import math
from typing import Any, Literal

import pytest
import yaml

from tests.configured import CONF
from w2s.cli.configuration.allowed_targets import find_target
from w2s.cli.configuration.tree import nodes
from w2s.dataset.gaussian import Gaussian
from w2s.errors import ConfigError
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.policy import UCB
from w2s.study.arena.arena import Arena, Setting
from w2s.study.audit import Audit
from w2s.study.synthetic import Synthetic
from w2s.utils.ranges import NUMBERS, argument_types, check_value, require_room

BILLION = 10**9
BY_ALL_NUMBERS = {
    "Gaussian": ("easy", "hard", "overlap", "others"),
    "Synthetic": ("easy", "hard", "levels"),
    "Audit": ("labels",),
}
"""Refused in the constructor, by the size of the array that they lead to together."""
BY_THE_CONSTRUCTOR = {"Encode": ("shard",)}
ROLES = ("weak_train", "pool", "validation", "test", "limit")
BY_THE_DATA = {
    **dict.fromkeys(("Digits", "MovieReviews"), ROLES),
    "Hub": (*ROLES, "held_out"),
    **dict.fromkeys(("Table", "Images", "DigitImages"), ROLES),
    "HubImages": (*ROLES, "held_out"),
    "Apply": ("piece",),
    "image_model": ("batch_images", "layer"),
    "Wrench": ("limit",),
    **dict.fromkeys(("MeanCosine", "MaxAbsCosine", "SimilarityDetector", "MixedNeighbourhood", "CutStatistic"), ("k",)),
    **dict.fromkeys(("NeighbourOpinion", "SmoothedOpinion", "Topological"), ("k",)),
    "ChangePoint": ("min_size",),
    "Columns": ("start", "stop"),
    "TopRows": ("rows", "width"),
    "Tfidf": ("max_vocabulary",),
    "TfidfSvd": ("max_vocabulary",),
    "Mlp": ("batch",),
    "Look": ("examples",),
    "Preparation": ("largest_fit",),
    "encoder_model": ("layer", "max_tokens", "batch_tokens"),
    "tiny_model": ("max_tokens",),
    "AnswerIndex": ("first",),
    **dict.fromkeys(("PickComparison", "Theory"), ("fewest",)),
    "Selection": ("batch", "audit"),
    "Recipe": ("batch", "max_tokens", "micro_tokens", "warmup_steps", "evaluations"),
}
"""No more is ever used than the data holds."""
NO_WORK = {
    **dict.fromkeys(("Encode", "Apply"), ("shards", "shard")),
    "ExploreThenCommit": ("pulls",),
    "SlidingWindowUCB": ("window",),
    "Audit": ("size",),
    "Setting": ("batch", "sizes"),
    "Recipe": ("patience",),
}
"""A number that nothing is counted up to."""


def whole_numbers() -> dict[tuple[str, str], Any]:
    """(class, argument) -> annotation of all whole numbers of all choices, seeds apart."""
    found: dict[tuple[str, str], Any] = {}
    for file in CONF.rglob("*.yaml"):
        for where, node in nodes(yaml.safe_load(file.read_text()) or {}):
            if str(node["_target_"]).startswith("w2s."):
                target = find_target(str(node["_target_"]), where)
                hints = argument_types(target)
                for name in inspect.signature(target).parameters:
                    if "int" in str(hints.get(name)) and name not in ("seed", "data_seed"):
                        found[target.__name__, name] = hints[name]
    return found


def bounded(annotation: Any) -> bool:
    try:
        check_value("x", [BILLION] if "tuple" in str(annotation) else BILLION, annotation)
    except ConfigError:
        return True
    return False


def test_every_whole_number_is_bounded_by_its_type_or_named_here() -> None:
    named = {
        (kind, name)
        for table in (BY_ALL_NUMBERS, BY_THE_CONSTRUCTOR, BY_THE_DATA, NO_WORK)
        for kind, names in table.items()
        for name in names
    }
    unbounded = {key for key, annotation in whole_numbers().items() if not bounded(annotation)}
    assert unbounded == named


@pytest.mark.parametrize(
    "made",
    [
        lambda: Gaussian(overlap=BILLION),
        lambda: Gaussian(others=BILLION),
        lambda: Gaussian(easy=100_000, d_easy=100_000),
        lambda: Gaussian(easy=1_000_000, classes=10_000),
        lambda: Synthetic(levels=(5, BILLION)),
        lambda: Synthetic(hard=BILLION),
        lambda: Audit(densities=(0.1, 0.2), false_positive=(0, 0), false_negative=(0, 0), labels=(BILLION,), size=BILLION),
        lambda: Arena(
            policies={"a": UCB}, settings={"b": Setting(densities=(0.1,), batch=1, rounds=10**6)}, repetitions=10**4
        ),
    ],
)
def test_an_array_that_fits_no_machine_is_refused_with_its_size(made: Any) -> None:
    with pytest.raises(ConfigError, match=r"numbers \([\d,]+ GB\)"):
        made()


def test_a_large_array_is_let_through() -> None:
    Gaussian(overlap=1_000_000)
    require_room(NUMBERS, "just so")


@pytest.mark.parametrize("arguments", [{"width": 16 * BILLION}, {"layers": BILLION}])
def test_a_tiny_model_is_tiny(arguments: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="it should be less than or equal to"):
        TinyCheckpoint(**arguments)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [("abc", int), ("abc", float), (1.5, int), ("maybe", bool), ("meen", Literal["mean", "last"]), (3, str), ([1], int)],
)
def test_a_value_of_the_wrong_type_is_refused(value: object, annotation: object) -> None:
    with pytest.raises(ConfigError, match="it should"):
        check_value("x", value, annotation)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [(3, int), (3, float), (None, int | None), ("mean", Literal["mean", "last"]), (["a"], tuple[str, ...]), (True, bool)],
)
def test_a_value_of_the_right_type_is_accepted(value: object, annotation: object) -> None:
    check_value("x", value, annotation)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, [0.5, math.inf]])
def test_numbers_without_end_are_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^dataset\.variance=.*: it should be a finite number\.$"):
        check_value("dataset.variance", value, float | list[float])


def test_a_wrong_choice_gets_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'mean'"):
        check_value("pooling", "meen", Literal["mean", "last"])
