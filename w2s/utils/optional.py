"""The edge around what may fail without failing the run: figures, pages, what trackers are told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from w2s.utils.text import printable

T = TypeVar("T")

log = logging.getLogger(__name__)


def optional(what: str, call: Callable[[], T]) -> T | None:
    """What `call` returns; None where it fails, which the log then says in one line."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  it may fail in any way
        log.warning("%s failed (%s: %s); the numbers are not affected.", what, type(error).__name__, printable(error))
        return None
