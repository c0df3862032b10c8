"""Progress bars for work that takes longer than a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")

DELAY_SECONDS = 1.0


def track(items: Iterable[T], description: str, *, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """Iterate with a bar on a terminal's standard error, shown after `DELAY_SECONDS`; silent elsewhere."""
    from tqdm import tqdm

    return iter(tqdm(items, desc=description, total=total, unit=unit, delay=DELAY_SECONDS, disable=None, leave=False))


def bar(total: int, description: str, *, unit: str = "it", hidden: bool = False) -> tqdm[Any]:
    """A bar moved by hand (`update`, `close`), for work that comes in uneven pieces; otherwise as `track`."""
    from tqdm import tqdm

    return tqdm(total=total, desc=description, unit=unit, delay=DELAY_SECONDS, disable=hidden or None, leave=False)
