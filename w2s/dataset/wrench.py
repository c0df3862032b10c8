"""The WRENCH format: texts or feature vectors with the votes of labelling functions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from w2s.dataset.roles.dealing import RoleSize, assemble, in_turn
from w2s.errors import ConfigError, DataError, require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import BoolArray, Column, FloatArray, Inputs, IntArray, Sealed, Split, Splits, as_names
from w2s.utils.files import open_regular, read_json
from w2s.utils.ranges import checked
from w2s.utils.reading import located, reading

FILES = ("train", "valid", "test", "label")
ABSTAIN = -1
FIRST_BYTES = 100_000
MOST_BYTES = 2**32
"""A larger JSON file is not read."""
FIRST_DATA = re.compile(rb'"data"\s*:\s*\{\s*"(text|feature)"')


@identity(content=("path",), runtime=("name",))
@dataclass(frozen=True, kw_only=True)
@checked
class Wrench:
    """train.json, valid.json, test.json and label.json of J. Zhang et al., "WRENCH", NeurIPS 2021.

    Each of the first three maps a row's key to its `data` (a `text` or a `feature` vector), its `label`, and `weak_labels`:
    one vote per labelling function, -1 to abstain. label.json maps 0 ... C-1 to the classes' names. train is halved into
    weak_train and pool; validation and test are the data's own. Nothing is balanced and no row is merged: a text may occur
    twice, and a note counts the texts whose labels contradict one another.
    """

    path: str
    """Folder with the four files."""
    name: str | None = None
    """What reports call it; None: the folder's name."""
    uncovered: Literal["keep", "drop"] = "keep"
    """`drop` leaves out the rows of train on which every function abstains; validation and test keep theirs."""
    limit: RoleSize | None = None
    """At most this many points in each role."""

    def __post_init__(self) -> None:
        located(self.path, "path", ConfigError)
        missing = [f"{name}.json" for name in FILES if not (self._folder / f"{name}.json").is_file()]
        require(
            not missing,
            f"dataset.path={self.path} lacks {', '.join(missing)}.\n"
            "A WRENCH folder holds train.json, valid.json, test.json and label.json.",
        )

    @property
    def _folder(self) -> Path:
        return Path(self.path).expanduser()

    @property
    def provides(self) -> frozenset[Column]:
        """Votes, and texts or features as the first row of train has them; both where it cannot be read."""
        return frozenset({"votes", *first_data(self._folder / "train.json")})

    def load(self, data_seed: int) -> Splits:
        """Read the files; train is shuffled by `data_seed` and halved.

        Raises:
            DataError: a file is malformed, a vote or label names no class, or a role gets too few rows.
        """
        with reading(f"{self._folder} is no WRENCH folder", DataError, "Repair its files; see conf/dataset/wrench.yaml."):
            return self._load(self._folder, data_seed)

    def _load(self, folder: Path, data_seed: int) -> Splits:
        classes = read_classes(folder / "label.json")
        train, validation, test = (read_rows(folder / f"{role}.json", classes) for role in FILES[:3])
        check_same_columns(train, validation, test)
        notes = (*contradictions(train), *silent_functions(train))
        if self.uncovered == "drop":
            covered = np.any(votes_of(train) != ABSTAIN, axis=1)
            notes += (f"{int(np.sum(~covered))} of {len(train)} training rows are uncovered and were dropped.",)
            train = train.take(np.flatnonzero(covered))
        train = train.take(generator(data_seed, "wrench", "order").permutation(len(train)))
        half = len(train) // 2
        parts = in_turn(train, {"weak_train": half, "pool": len(train) - half}) | {"validation": validation, "test": test}
        limited = {role: part.take(slice(0, self.limit)) for role, part in parts.items()}
        return assemble(limited, classes=classes, provenance=(("data", f"WRENCH {folder.name}"),), notes=notes)


def read_classes(path: Path) -> tuple[str, ...]:
    """The names of classes 0 ... C-1."""
    names = read_object(path)
    if len(names) < 2 or set(names) != {str(k) for k in range(len(names))}:
        raise DataError(
            f"{path} names the classes {', '.join(names)}: it maps 0, 1, ... to the names of at least two classes."
        )
    return tuple(str(names[str(k)]) for k in range(len(names)))


def read_rows(path: Path, classes: tuple[str, ...]) -> Split:
    """One role's rows, in the file's order; ids are the role's name and the row's key."""
    rows = read_object(path)
    if not rows:
        raise DataError(f"{path} holds no row.")
    for key, row in rows.items():
        if not isinstance(row, dict) or not {"data", "label", "weak_labels"} <= set(row):
            raise DataError(f"{path}, row {key}: a row holds data, label and weak_labels.")
    data = [row["data"] for row in rows.values()]
    keys = list(rows)
    votes = whole_numbers(path, keys, [row["weak_labels"] for row in rows.values()], "weak_labels")
    labels = whole_numbers(path, keys, [[row["label"]] for row in rows.values()], "label")
    check_range(path, keys, votes, "a vote", lowest=ABSTAIN, n_classes=len(classes))
    check_range(path, keys, labels, "a label", lowest=0, n_classes=len(classes))
    return Split(
        ids=as_names([f"{path.stem}-{key}" for key in keys]),
        inputs=replace(read_data(path, data), votes=votes),
        labels=Sealed(labels[:, 0]),
    )


def first_data(path: Path) -> tuple[Column, ...]:
    """What the first row of a file holds, from its first bytes alone."""
    with reading(f"{path} is no file of rows", DataError), open_regular(path) as stream:
        found = FIRST_DATA.search(stream.read(FIRST_BYTES))
    return (("texts",) if found[1] == b"text" else ("features",)) if found else ("texts", "features")


def read_object(path: Path) -> dict[str, Any]:
    """A JSON file that holds one object."""
    with reading(f"{path} is not JSON", DataError, "A WRENCH file is JSON in UTF-8 that maps each row's key to the row."):
        value = read_json(path, max_bytes=MOST_BYTES)
    if not isinstance(value, dict):
        raise DataError(f"{path} holds a {type(value).__name__}: it maps each row's key to the row.")
    return value


def read_data(path: Path, data: list[Any]) -> Inputs:
    """Texts where every row has one, else feature vectors of one length."""
    if all(isinstance(row, dict) and isinstance(row.get("text"), str) for row in data):
        return Inputs(texts=tuple(row["text"] for row in data))
    told = f"{path}: the data of every row is a text, or of every row a feature vector of one length"
    with reading(told, DataError):
        features = np.array([row["feature"] for row in data], dtype=np.float64)
    if features.ndim != 2 or not np.all(np.isfinite(features)):
        raise DataError(f"{path}: a feature vector holds finite numbers.")
    return Inputs(features=features)


def whole_numbers(path: Path, keys: list[str], rows: list[list[Any]], what: str) -> IntArray:
    """(n, L) whole numbers, as many in each row as in the first."""
    for key, row in zip(keys, rows, strict=True):
        if not isinstance(row, list) or len(row) == 0 or any(type(value) is not int for value in row):
            raise DataError(f"{path}, row {key}: {what} holds {row!r}; whole numbers are accepted.")
        if len(row) != len(rows[0]):
            raise DataError(f"{path}, row {key}: {len(row)} {what}, but row {keys[0]} has {len(rows[0])}.")
    return np.array(rows, dtype=np.int64)


def check_range(path: Path, keys: list[str], values: IntArray, what: str, *, lowest: int, n_classes: int) -> None:
    """Refuse values outside `lowest` ... C-1."""
    wrong: BoolArray = (values < lowest) | (values >= n_classes)
    if np.any(wrong):
        row, column = np.argwhere(wrong)[0]
        abstain = f", or {ABSTAIN} to abstain" if lowest == ABSTAIN else ""
        raise DataError(
            f"{path}, row {keys[row]}: {what} of {values[row, column]}.\n"
            f"label.json names the classes 0 to {n_classes - 1}; accepted is one of them{abstain}."
        )


def check_same_columns(*roles: Split) -> None:
    """Refuse roles that differ in their number of functions or features, or in having texts."""
    shapes = [(votes_of(role).shape[1], width(role.inputs.features)) for role in roles]
    if len(set(shapes)) > 1:
        told = "; ".join(
            f"{name} {functions} and {'texts' if d is None else d}"
            for name, (functions, d) in zip(FILES, shapes, strict=False)
        )
        raise DataError(f"The files disagree in labelling functions and features: {told}.")


def contradictions(split: Split) -> tuple[str, ...]:
    """A note on texts that occur with more than one label, if any do."""
    labels = split.truth("note on contradicting duplicates")
    known: dict[str, set[int]] = {}
    for text, label in zip(split.inputs.texts or (), labels.tolist(), strict=False):
        known.setdefault(text, set()).add(label)
    count = sum(len(different) > 1 for different in known.values())
    return (f"{count} texts of train occur with contradicting labels; all their rows are kept.",) if count else ()


def silent_functions(split: Split) -> tuple[str, ...]:
    """A note on labelling functions that abstain on every row, if any do: they say nothing."""
    silent = np.flatnonzero(np.all(votes_of(split) == ABSTAIN, axis=0))
    if not len(silent):
        return ()
    return (f"{len(silent)} labelling functions abstain on all of train and say nothing: {', '.join(map(str, silent))}.",)


def votes_of(split: Split) -> IntArray:
    """(n, L) the votes every role of this format has."""
    assert split.inputs.votes is not None, "read_rows reads votes"
    return split.inputs.votes


def width(features: FloatArray | None) -> int | None:
    """Number of features, None where there are texts instead."""
    return None if features is None else features.shape[1]
