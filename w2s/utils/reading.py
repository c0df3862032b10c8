"""The edge at which files from outside are read: whatever a reader raises there becomes one clear error.

Readers raise more than they document: a damaged file makes overflows, recursion, panics of native code and failed
assertions. So no list of exceptions is kept anywhere: what is read from outside is read inside `reading`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from w2s.errors import W2SError
from w2s.utils.text import printable

LINES = 3
"""Lines of a message at most."""
LONGEST_LINE = 600
OURS = "w2s."
"""Errors of these modules say themselves what their causes mean."""
LONGEST_REASON = 160
"""Characters of another library's message that are passed on."""
TOLD_BY_KIND = {MemoryError: "it needs more memory than there is", RecursionError: "it is nested too deeply"}
"""What errors mean whose own messages say nothing."""
OUR_MISTAKES = (AssertionError, AttributeError, IndexError, KeyError, TypeError)
"""Kinds of errors whose messages mean little without the kind."""


@contextmanager
def reading(told: str, refused: type[Exception], remedy: str = "") -> Iterator[None]:
    """Turn whatever the block raises into `refused`, and keep messages of our own short and fit for a terminal.

    The original stays its cause, which HYDRA_FULL_ERROR=1 shows. A panic of native code is no `Exception`, so only what
    ends a process on purpose is let through.

    Args:
        told: the file, and what was expected of it; the reason follows after a colon.
        refused: the error to raise; it takes a message.
        remedy: how to put it right, a line of its own.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except (W2SError, refused) as error:
        error.args = (bounded(str(error)),)
        raise
    except BaseException as error:
        raise refused(bounded(f"{told}: {reason(error)}" + (f".\n{remedy}" if remedy else ""))) from error


def bounded(message: str) -> str:
    """At most `LINES` lines, none too long, without what a terminal would obey."""
    lines = message.split("\n")
    kept = lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[-1]]
    return "\n".join(printable(line, LONGEST_LINE) for line in kept)


def reason(error: BaseException) -> str:
    """What went wrong at the very beginning, in one line without a full stop: the first and last of its message."""
    while error.__cause__ is not None and not type(error).__module__.startswith(OURS):
        error = error.__cause__
    for kind, told in TOLD_BY_KIND.items():
        if isinstance(error, kind):
            return told
    if isinstance(error, OSError) and error.strerror:
        return printable(error.strerror, LONGEST_REASON)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(dict.fromkeys((lines[0], lines[-1]))) if lines else type(error).__name__
    kind_matters = lines and isinstance(error, OUR_MISTAKES)
    return printable(f"{type(error).__name__}: {text}" if kind_matters else text, LONGEST_REASON).rstrip(".")


def located(path: str, setting: str, refused: type[W2SError]) -> Path:
    """The place that a user means, `~` resolved, whether anything is there or not.

    Raises:
        refused: nothing can have that name, or this user may not look.
    """
    with reading(f"{setting}={printable(path)} cannot be looked at", refused, "Name a file or folder that you can read."):
        try:
            place = Path(path).expanduser()
        except RuntimeError as error:
            raise refused(f"{setting}={printable(path)}: the folder of that user is not known. Write it in full.") from error
        try:
            place.stat()
        except (FileNotFoundError, NotADirectoryError):
            pass  # who asked says what was expected there
        return place
