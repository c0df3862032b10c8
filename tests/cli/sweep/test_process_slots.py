"""Slots answer every task, whatever happens to their processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from w2s.cli.sweep.process_slots import Died, environ, run_in_slots


def begin() -> Callable[[int], tuple[int, str]]:
    mine = os.environ["SLOT"]

    def do(task: int) -> tuple[int, str]:
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if task == 5:
            os._exit(7)
        time.sleep(0.05)
        return task * task, mine

    return do


def test_answers_come_in_the_order_of_the_tasks_and_a_dead_slot_is_replaced() -> None:
    answers = run_in_slots(begin, range(8), [{"SLOT": "a"}, {"SLOT": "b"}])
    assert answers[3] == Died(-signal.SIGKILL)
    assert answers[5] == Died(7)
    assert [answer[0] for answer in answers if not isinstance(answer, Died)] == [0, 1, 4, 16, 36, 49]
    assert {answer[1] for answer in answers if not isinstance(answer, Died)} <= {"a", "b"}
    assert "SLOT" not in os.environ


def test_there_are_no_more_processes_than_tasks() -> None:
    assert run_in_slots(begin, [2], [{"SLOT": "a"}, {"SLOT": "b"}]) == [(4, "a")]


def test_an_end_is_told_in_words() -> None:
    assert "SIGKILL" in str(Died(-9))
    assert "exit code 7" in str(Died(7))


def test_the_environment_is_put_back_as_it_was() -> None:
    os.environ["KNOWN"] = "before"
    with environ({"KNOWN": "inside", "NEW": "1"}):
        assert (os.environ["KNOWN"], os.environ["NEW"]) == ("inside", "1")
    assert os.environ.pop("KNOWN") == "before"
    assert "NEW" not in os.environ
