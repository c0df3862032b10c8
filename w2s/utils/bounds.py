"""Upper bounds of settings: beyond them a run would not end in a lifetime or fit no machine, so that a typo is likelier."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Le

from w2s.errors import require

Fits = Annotated[int, Le(10_000)]
"""A number of times that models are fitted: draws, folds, seeds."""
Steps = Annotated[int, Le(1_000_000)]
"""A number of quick steps: rounds, epochs, games."""
Width = Annotated[int, Le(100_000)]
"""A number of dimensions, classes or bins."""
Workers = Annotated[int, Le(1_024)]
"""A number of threads or processes."""

NUMBERS = 10**9
"""Numbers that one array may hold: 8 GB."""


def require_room(numbers: int, message: str) -> None:
    """Refuse an array of more than `NUMBERS` numbers; `message` says whose settings ask for it.

    Raises:
        ConfigError: with the size asked for.
    """
    require(
        numbers <= NUMBERS,
        f"{message}: one array would hold {numbers:.1e} numbers ({8 * numbers / 1e9:,.0f} GB).\n"
        f"Give smaller ones: at most {NUMBERS:.0e} numbers.",
    )
