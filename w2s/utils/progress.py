"""Progress of work that takes longer than a second: bars on a terminal, and numbers for whoever follows a run elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")

DELAY_SECONDS = 1.0
_followed: ContextVar[Callable[[Mapping[str, float]], None] | None] = ContextVar("followed", default=None)
"""Told the numbers of work on its way."""


def track(items: Iterable[T], description: str, *, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Iterate with a bar on a terminal's standard error, shown after `DELAY_SECONDS`; silent elsewhere."""
    from tqdm import tqdm

    return iter(tqdm(items, desc=description, total=total, unit=unit, delay=DELAY_SECONDS, disable=None, leave=False))


def bar(total: int, description: str, *, unit: str = "it", hidden: bool = False) -> tqdm[Any]:
    """A bar moved by hand (`update`, `close`), for work that comes in uneven pieces; otherwise as `track`."""
    from tqdm import tqdm

    return tqdm(total=total, desc=description, unit=unit, delay=DELAY_SECONDS, disable=hidden or None, leave=False)


@contextmanager
def followed_by(follower: Callable[[Mapping[str, float]], None]) -> Iterator[None]:
    """Within, `follower` is told what `follow` tells, at most once a second."""
    last = 0.0

    def told(numbers: Mapping[str, float]) -> None:
        nonlocal last
        if time.monotonic() - last >= DELAY_SECONDS:
            follower(numbers)
            last = time.monotonic()

    token = _followed.set(told)
    try:
        yield
    finally:
        _followed.reset(token)


def follow(numbers: Mapping[str, float]) -> None:
    """Tell whoever follows this run how work stands."""
    follower = _followed.get()
    if follower is not None:
        follower(numbers)
