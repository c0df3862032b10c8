"""How far an encoder has come, and how long it still takes."""

from __future__ import annotations

import logging
import time
from threading import Lock

from w2s.utils.progress import bar

FORECAST_SECONDS = 2.0
"""After this much work, what is left is said, if it is longer than that."""

log = logging.getLogger(__name__)


class Meter:
    """Counts what is done, on a bar and, early on, as a forecast in the log."""

    def __init__(self, items: int, tokens: float, unit: str = "text") -> None:
        self.tokens = tokens
        """Expected in all items."""
        self.done = 0
        self.begun = time.monotonic()
        self._bar = bar(items, "encoding", unit=unit)
        self._lock = Lock()
        self._silent = False

    def add(self, items: int, tokens: int) -> None:
        """Note a finished batch; called by several threads."""
        with self._lock:
            self.done += tokens
            self._bar.update(items)
            elapsed = time.monotonic() - self.begun
            if not self._silent and elapsed > FORECAST_SECONDS:
                self._silent = True
                left = (self.tokens - self.done) * elapsed / self.done
                if left > FORECAST_SECONDS:
                    log.info("about %s to go (%s tokens/s)", duration(left), thousands(int(self.done / elapsed)))

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


def thousands(count: int) -> str:
    """A count with thousands marked."""
    return f"{count:,}"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    return (
        f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
    )
