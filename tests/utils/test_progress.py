import io
import sys
from collections.abc import Iterator

import pytest

from w2s.utils.progress import track


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def slowly(n: int, clock: list[float]) -> Iterator[int]:
    for i in range(n):
        clock[0] += 1.0
        yield i


def test_everything_comes_through_in_order() -> None:
    assert list(track(iter("abc"), "letters")) == ["a", "b", "c"]
    assert list(track([], "nothing")) == []


def test_off_a_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    list(track(range(1000), "counting"))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_on_a_terminal_a_bar_is_shown_once_it_takes_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("tqdm.std.time", lambda: clock[0])
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    list(track(slowly(5, clock), "slow work", total=5))
    assert "slow work" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    list(track(range(5), "quick work"))
    assert "quick work" not in terminal.getvalue()
