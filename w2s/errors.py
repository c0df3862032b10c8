"""The error family. A message says what was given, what is accepted and how to correct it, in at most three lines."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable
from typing import NoReturn


class W2SError(Exception):
    """A mistake that the user can correct. Everything else is a bug and keeps its traceback."""


class ConfigError(W2SError):
    """A setting that names nothing, or holds a value outside its range."""


class DataError(W2SError):
    """A data file that is missing, malformed or too small for what was asked."""


class ModelError(W2SError):
    """A checkpoint that cannot be opened, or is refused."""


class StoreError(W2SError):
    """The store of representations cannot be read or written."""


def suggestion(word: str, choices: Iterable[str]) -> str:
    """The nearest of `choices` as a question (`" Did you mean 'paper'?"`), or an empty string when none is near."""
    near = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def require(condition: bool, message: str, error: type[W2SError] = ConfigError) -> None:  # noqa: FBT001
    """Raise `error(message)` unless `condition` holds."""
    if not condition:
        raise error(message)


def wants_traceback() -> bool:
    """Whether HYDRA_FULL_ERROR=1 asks for the whole story."""
    return os.environ.get("HYDRA_FULL_ERROR", "0") == "1"


def stop(error: Exception) -> NoReturn:
    """Leave the program with the message on standard error and exit code 1, or with the whole story."""
    if wants_traceback():
        raise error
    sys.exit(f"w2s: {error}")
