"""Columns by name: which are there, and which a pattern means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from w2s.errors import DataError, suggestion
from w2s.utils.text import printable

SHOWN = 12
"""Column names that a message lists at most."""

LONGEST_NAME = 40
"""Characters of a column's name that a message shows."""


def require_columns(wanted: Iterable[str], columns: Sequence[str], where: str, *, setting: str = "") -> None:
    """Refuse a column that is not there, with the nearest one that is.

    Raises:
        DataError: naming the column, the nearest name and the file's columns.
    """
    for name in wanted:
        if name not in columns:
            asked = f" (dataset.{setting}={name})" if setting else ""
            listed = ", ".join(printable(known, LONGEST_NAME) for known in columns[:SHOWN])
            listed += f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
            raise DataError(f"{where} has no column '{name}'{asked}.{suggestion(name, columns)}\nIts columns: {listed}.")


def as_tuple(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name, several or none, as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names or ())


def matching(patterns: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Columns named by `patterns`, in the order given; a pattern with `*` stands for all it matches, or for itself."""
    found = [
        name
        for pattern in patterns
        for name in ([c for c in columns if fnmatchcase(c, pattern)] if "*" in pattern else ()) or (pattern,)
    ]
    return tuple(dict.fromkeys(found))
