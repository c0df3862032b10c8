"""Labelling functions of a person's own: one Python file of plain functions, each of which votes for a class or abstains."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2s.dataset.columns.values import class_name, listed
from w2s.errors import ConfigError, DataError, require
from w2s.types import IntArray
from w2s.utils.reading import bounded, located, reading, reason
from w2s.utils.text import printable

ABSTAIN = -1
WHOLE_ROW = "row"
"""A function whose argument has this name is given the row's columns but the label; any other the row's text."""
NAMED = 8
"""Functions that a note names at most."""
EXAMPLE = "A labelling function takes a text, or a `row` of columns, and returns a class's name or None (abstains)."

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class LabellingFunctions:
    """L functions of one file."""

    file: str
    """Its name."""
    functions: tuple[Callable[[Any], Any], ...]
    """In the order of the file."""

    @staticmethod
    def of(path: str) -> LabellingFunctions:
        """The functions that the file itself defines, but for those whose names begin with `_`: the file is run.

        Raises:
            ConfigError: there is no such file, it cannot be run, or it holds no function of one argument.
        """
        place = located(path, "labelling_functions", ConfigError)
        told = f"labelling_functions={path}"
        require(place.is_file() and place.suffix == ".py", f"{told}: there is no such Python file.\n{EXAMPLE}")
        with reading(f"{told} cannot be run", ConfigError, "Run it by itself: python " + place.name):
            spec = importlib.util.spec_from_file_location("labelling_functions", place)
            assert spec is not None, "a .py file has a loader"
            assert spec.loader is not None, "a .py file has a loader"
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except SystemExit as error:
                raise ConfigError(f"{told} ends the program.\n{EXAMPLE}") from error
        own = [value for value in vars(module).values() if inspect.isfunction(value) and value.__module__ == module.__name__]
        found = [function for function in own if not function.__name__.startswith("_")]
        require(bool(found), f"{told} holds no function.\n{EXAMPLE}")
        for function in found:
            count = len(inspect.signature(function).parameters)
            advice = "A helper's name begins with _."
            require(count == 1, f"{told}: {function.__name__} takes {count} arguments.\n{EXAMPLE}\n{advice}")
        return LabellingFunctions(place.name, tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the L functions."""
        return tuple(function.__name__ for function in self.functions)

    def votes(self, texts: Sequence[str] | None, rows: Callable[[], Rows], classes: Sequence[str]) -> IntArray:
        """(n, L) in {-1, 0 ... C-1}; -1 abstains.

        Args:
            texts: of the n points; None where there are none.
            rows: the columns of the n points, asked for where a function reads them.
            classes: names of the C classes.

        Raises:
            DataError: a function fails, or returns no class, with its name and the row.
        """
        whole = rows() if any(map(_reads_row, self.functions)) else ()
        return np.stack([self._one(function, texts, whole, classes) for function in self.functions], axis=1)

    def _one(
        self, function: Callable[[Any], Any], texts: Sequence[str] | None, rows: Rows, classes: Sequence[str]
    ) -> IntArray:
        name = f"{self.file}: {function.__name__}"
        points: Sequence[Any] | None = rows if _reads_row(function) else texts
        if points is None:
            raise DataError(f"{name} reads texts, and none are named. Say dataset.text=COLUMN, or call its argument `row`.")
        code = {name: k for k, name in enumerate(classes)}
        votes = np.full(len(points), ABSTAIN)
        for i, point in enumerate(points):
            try:
                said = function(point)
            except (Exception, SystemExit) as error:
                kind = type(error).__name__
                why = f"{kind}: {reason(error).removeprefix(f'{kind}: ')}"
                raise DataError(bounded(f"{name} fails on row {i + 1}: {why}.")) from error
            if said is None:
                continue
            if class_name(said) not in code:
                raise DataError(
                    f"{name} says '{printable(said)}' of row {i + 1}.\nA class is one of {listed(classes)}; None abstains."
                )
            votes[i] = code[class_name(said)]
        return votes

    def note(self, votes: IntArray) -> str:
        """How often each function votes, of (n, L) votes, those that say nothing last."""
        shares = np.mean(votes != ABSTAIN, axis=0)
        order = np.argsort(-shares, kind="stable")
        told = ", ".join(f"{self.names[k]} on {100 * shares[k]:.1f} %" for k in order[:NAMED])
        more = f" and {len(order) - NAMED} more" if len(order) > NAMED else ""
        covered = 100 * np.mean((votes != ABSTAIN).any(axis=1))
        return f"{len(order)} labelling functions vote on {covered:.1f} % of the points: {told}{more}."


def _reads_row(function: Callable[[Any], Any]) -> bool:
    return next(iter(inspect.signature(function).parameters)) == WHOLE_ROW
