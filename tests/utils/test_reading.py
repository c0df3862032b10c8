"""Whatever a reader raises becomes one error, short and fit for a terminal, that still knows its cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from w2s.errors import ConfigError, DataError, ModelError
from w2s.utils.reading import LINES, LONGEST_LINE, bounded, located, reading


class Panic(BaseException):
    """What native code raises."""


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (Panic("index out of range"), "index out of range"),
        (OverflowError("too\nlarge"), "too large"),
        (KeyError("label"), "KeyError: 'label'"),
        (StopIteration(), "StopIteration"),
        (MemoryError(), "it needs more memory than there is"),
        (RecursionError("maximum recursion depth exceeded"), "it is nested too deeply"),
        (PermissionError(13, "Permission denied", "a.csv"), "Permission denied"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "surrogates not allowed"),
        (ValueError("\x1b[31m" + "x" * 10_000), r"\\x1b\[31mx+ … x+"),
    ],
)
def test_any_exception_becomes_one_clear_error(raised: BaseException, told: str) -> None:
    with (
        pytest.raises(DataError, match=f"a.csv is no table: .*{told}.*\\.\nRepair it") as caught,
        reading("a.csv is no table", DataError, "Repair it."),
    ):
        raise raised
    assert caught.value.__cause__ is raised
    assert len(str(caught.value)) < 2 * LONGEST_LINE


def test_our_own_errors_pass_but_never_too_long() -> None:
    with pytest.raises(ModelError) as caught, reading("a.csv is no table", DataError):
        raise ModelError("x" * 10_000 + "\n" * 9 + "\x1b[2J" + "the remedy")
    lines = str(caught.value).split("\n")
    assert len(lines) == LINES
    assert lines[-1].endswith("the remedy")
    assert max(map(len, lines)) <= LONGEST_LINE
    assert "\x1b" not in str(caught.value)
    assert bounded("one\ntwo") == "one\ntwo"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_process_on_purpose_is_let_through(ending: type[BaseException]) -> None:
    with pytest.raises(ending), reading("a.csv is no table", DataError):
        raise ending


@pytest.mark.parametrize("path", ["~no-such-user/a.csv", "a\0b.csv", "x" * 300, "loop/a.csv"])
def test_a_path_that_nothing_can_have_is_one_error(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    with pytest.raises(ConfigError, match=r"^path=.*: ") as caught:
        located(path, "path", ConfigError)
    assert str(caught.value).count("\n") <= 1
    assert located("~/nothing/here", "path", ConfigError) == Path.home() / "nothing" / "here"
