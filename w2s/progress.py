"""Progress bars for work that takes longer than a glance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

DELAY_SECONDS = 1.0


def track(items: Iterable[T], description: str, *, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Iterate with a bar on a terminal's standard error, shown after `DELAY_SECONDS`; silent elsewhere."""
    from tqdm import tqdm

    return iter(tqdm(items, desc=description, total=total, unit=unit, delay=DELAY_SECONDS, disable=None, leave=False))
