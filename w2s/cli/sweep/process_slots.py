"""Fixed slots, one process each: a slot takes the next task when it has done one, and is replaced when it dies."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import cloudpickle

from w2s.utils.processes import end_with_parent

STARTING = threading.Lock()
"""One process starts at a time, since it takes over the environment of this one."""


@dataclass(frozen=True)
class Died:
    """In the place of an answer: the slot's process ended during the task."""

    code: int | None
    """Exit code; -k where signal k ended it."""

    def __str__(self) -> str:
        """In words."""
        killed = self.code is not None and self.code < 0
        by = f"killed by {signal.Signals(-(self.code or 0)).name}" if killed else f"exit code {self.code}"
        return f"Its process ended in the middle of the job ({by})."


def run_in_slots(
    begin: Callable[[], Callable[[Any], Any]], tasks: Sequence[Any], environments: Sequence[Mapping[str, str]]
) -> list[Any | Died]:
    """The answers of all tasks, in their order.

    Args:
        begin: called once in each process; returns the function that does a task.
        tasks: what that function is given.
        environments: one slot for each; variables set in its process from the beginning.
    """
    answers: list[Any] = [None] * len(tasks)
    waiting = deque(enumerate(tasks))
    slots = [_Slot(cloudpickle.dumps(begin), environment) for environment in environments[: len(tasks)]]

    def serve(slot: _Slot) -> None:
        while waiting:
            k, task = waiting.popleft()
            answers[k] = slot.do(task)

    threads = ThreadPoolExecutor(max(1, len(slots)))
    try:
        for done in [threads.submit(serve, slot) for slot in slots]:
            done.result()
    finally:
        waiting.clear()  # after Ctrl-C no slot takes another task
        for slot in slots:
            slot.close()
        threads.shutdown()
    return answers


class _Slot:
    """A process that does one task after the other."""

    def __init__(self, begin: bytes, environment: Mapping[str, str]) -> None:
        self._begin, self._environment = begin, environment
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def do(self, task: Any) -> Any | Died:
        if self._process is None or self._connection is None:
            self._process, self._connection = self._open()
        try:
            self._connection.send_bytes(cloudpickle.dumps(task))
            return cloudpickle.loads(self._connection.recv_bytes())
        except (EOFError, ConnectionError):
            process, self._process = self._process, None
            process.join()
            return Died(process.exitcode)

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.join()

    def _open(self) -> tuple[SpawnProcess, Connection]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._begin), daemon=True)
        with STARTING, environ(self._environment):  # from the first instruction on: CUDA reads its devices when imported
            process.start()
        theirs.close()
        return process, ours


def _serve(connection: Connection, begin: bytes) -> None:
    """In the slot's process: answer tasks until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    do = cloudpickle.loads(begin)()
    while True:
        try:
            task = cloudpickle.loads(connection.recv_bytes())
        except (EOFError, ConnectionError):
            return
        connection.send_bytes(cloudpickle.dumps(do(task)))


@contextmanager
def environ(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
