"""Worker processes that do not outlive the process they work for."""

from __future__ import annotations

import functools
import os
import time
from multiprocessing import current_process
from threading import Thread

LOOK_SECONDS = 1.0
"""How often a worker looks whether its parent is still there."""


@functools.cache
def end_with_parent() -> None:
    """In a worker, end it soon after the process that started it, however that one ended; elsewhere, nothing.

    Workers hold each other's pipes open, so none of them sees a parent's end by itself: joblib's live on for minutes.
    """
    process = current_process()
    if process.name != "MainProcess":
        # Who made the worker, rather than whose child it is by now: the parent may have ended while this one started.
        parent = getattr(process, "_parent_pid", None) or os.getppid()
        Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
