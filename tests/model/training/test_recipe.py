"""Recipes say what they mean: rates by size, warm-up, and what is refused."""

from __future__ import annotations

import pytest

from tests.configured import built, choices
from w2s.errors import ConfigError
from w2s.model.training import Lora, Recipe

MILLION = 10**6


@pytest.mark.parametrize("choice", choices("recipe"))
def test_every_recipe_is_built(choice: str) -> None:
    assert isinstance(built("recipe", choice), Recipe)


@pytest.mark.parametrize(
    ("choice", "millions", "rate"),
    [("openai", 124, 5e-5), ("openai", 355, 5e-5), ("openai", 774, 1e-5), ("eleuther", 494, 5e-4), ("eleuther", 8_030, 8e-5)]
    + [
        ("replication", size, rate)
        for size, rate in ((162, 5e-5), (405, 3e-5), (1_010, 2e-5), (1_410, 1.5e-5), (2_770, 1e-5))
    ],
)
def test_published_rates_by_size(choice: str, millions: int, rate: float) -> None:
    recipe = built("recipe", choice)
    assert recipe.rate(millions * MILLION, adapters=False) == recipe.rate(millions * MILLION, adapters=True) == rate


def test_adapters_may_have_a_rate_of_their_own() -> None:
    recipe = Recipe(learning_rate=1e-5, lora=Lora(learning_rate=1e-3))
    assert recipe.rate(MILLION, adapters=True) == 1e-3
    assert recipe.rate(MILLION, adapters=False) == 1e-5


def test_warm_up_is_a_number_of_steps_or_a_share() -> None:
    assert Recipe(warmup_steps=40).warmup(1_000) == 40
    assert Recipe(warmup_share=0.1).warmup(1_000) == 100


@pytest.mark.parametrize(
    "rate",
    [0.0, 3.0, -1e-4, float("nan"), ((100, 1e-4),), ((None, 1e-4), (100, 1e-5)), ((400, 1e-4), (100, 1e-4), (None, 1e-5))],
)
def test_what_is_no_rate_is_refused(rate: object) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        Recipe(learning_rate=rate)  # type: ignore[arg-type]
