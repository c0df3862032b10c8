"""W&B's helper process on a short leash: every wait for it is bounded, and it is ended."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

LAST_WAIT = 2.0
"""Seconds that a process which is given up may take to free what it holds."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` returns, done in a thread of its own and waited for at most `seconds`; its exception is raised here.

    Raises:
        TimeoutError: it goes on in the background, and no longer than this process.
    """
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    if wait([answer], seconds).not_done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return answer.result()


def without_import_hooks() -> None:
    """Take back what W&B does after imports of other packages: it counts them, and raises where its helper is gone."""
    with suppress(Exception):
        from wandb.sdk.lib.import_hooks import unregister_all_post_import_hooks

        unregister_all_post_import_hooks()


def forget_tables() -> None:
    """Let the tables of a finished run go: W&B keeps a hundred, and with each the run that it belongs to."""
    with suppress(Exception):
        from wandb.sdk.artifacts import artifact_instance_cache as kept

        kept.artifact_instance_cache.clear()
        kept.artifact_instance_cache_by_client_id.clear()


def end_service(seconds: float = LAST_WAIT) -> None:
    """End W&B's helper, politely for so many seconds; the next run of this process starts a new one."""
    import wandb

    helper = helper_process()
    os.environ.pop("WANDB_SERVICE", None)
    with suppress(Exception):
        within(seconds, wandb.teardown)
    if helper is not None and helper.poll() is None:
        helper.kill()  # else it would hold this program's standard output open after the end
        with suppress(subprocess.TimeoutExpired):
            helper.wait(LAST_WAIT)


def helper_process() -> subprocess.Popen[bytes] | None:
    """The helper that this process started, where W&B keeps it; its public interface names no process."""
    from wandb.sdk import wandb_setup

    found: Any = wandb_setup
    for name in ("_singleton", "_connection", "_proc", "_process"):
        found = getattr(found, name, None)
    return found if isinstance(found, subprocess.Popen) else None
