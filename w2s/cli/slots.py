"""Fixed slots, one process each: a slot takes the next task when it has done one, and is replaced when it dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

import cloudpickle


@dataclass(frozen=True)
class Died:
    """In the place of an answer: the slot's process ended during the task."""

    code: int | None
    """Exit code; -k where signal k ended it."""

    def __str__(self) -> str:
        """In words."""
        by = (
            f"killed by {signal.Signals(-self.code).name}"
            if self.code is not None and self.code < 0
            else f"exit code {self.code}"
        )
        return f"Its process ended in the middle of the job ({by})."


@dataclass
class _Slot:
    environment: Mapping[str, str]
    process: SpawnProcess
    connection: Connection
    task: int


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
    waiting = iter(range(len(tasks)))
    started = cloudpickle.dumps(begin)
    slots = [_open(started, environment) for environment in environments[: len(tasks)]]
    try:
        busy = {slot.connection: slot for slot in slots if _next(slot, waiting, tasks)}
        while busy:
            for ready in wait(list(busy)):
                slot = busy.pop(ready)  # type: ignore[call-overload]
                try:
                    answers[slot.task] = cloudpickle.loads(slot.connection.recv_bytes())
                except (EOFError, ConnectionError):
                    slot.process.join()
                    answers[slot.task] = Died(slot.process.exitcode)
                    slots.remove(slot)
                    slot = _open(started, slot.environment)
                    slots.append(slot)
                if _next(slot, waiting, tasks):
                    busy[slot.connection] = slot
    finally:
        for slot in slots:
            slot.connection.close()
            slot.process.terminate()
            slot.process.join()
    return answers


def _next(slot: _Slot, waiting: Iterator[int], tasks: Sequence[Any]) -> bool:
    task = next(waiting, None)
    if task is None:
        return False
    slot.task = task
    slot.connection.send_bytes(cloudpickle.dumps(tasks[task]))
    return True


def _open(begin: bytes, environment: Mapping[str, str]) -> _Slot:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, begin), daemon=True)
    with environ(environment):  # from the first instruction on: CUDA reads its devices when it is imported
        process.start()
    theirs.close()
    return _Slot(environment, process, ours, -1)


def _serve(connection: Connection, begin: bytes) -> None:
    """In the slot's process: answer tasks until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
