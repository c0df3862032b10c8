"""Data sets of the Hugging Face hub, or local copies in their schema, made into labelled texts.

The protocol is the paper's (section 5 and appendix; public code: EleutherAI/w2s): shuffle, format, drop empty texts,
undersample to equal classes, deal. A question with candidate answers becomes a text that shows a right answer (label 1) or a
wrong one (label 0), as a fair coin decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.dataset.candidates import CandidateRule
from w2s.dataset.columns import Template, class_name, need
from w2s.dataset.files import listing, split_files
from w2s.dataset.reading import column_names, read
from w2s.dataset.remote import Repository, card_of
from w2s.dataset.roles import Sizes, deal
from w2s.dataset.rows import Formatter, Labelled, Rows, Shown, draw_points, label_values
from w2s.errors import DataError, require
from w2s.identity import content_hash, digest, identity
from w2s.seeding import generator
from w2s.types import IntArray, Split, Splits

if TYPE_CHECKING:
    import pyarrow as pa

HELD_OUT_SEED = 0
"""Which rows are held out does not depend on the run."""

_LOCAL = "It holds the files of each split, such as train.parquet and test.parquet."


@identity(content=("path",))
@dataclass(frozen=True, kw_only=True)
class Hub:
    """Labelled texts from any data set that the hub can show as tables.

    Exactly one of `label` and `candidates` says where labels come from. Sizes are upper bounds: the roles shrink together
    when there is less, and a note says so. Every role holds the classes in equal shares unless `balance` is off.
    """

    id: str | None = None
    """`namespace/name` on the hub."""
    subset: str | None = None
    """The hub's configuration, where it has several."""
    revision: str | None = None
    """Commit, tag or branch; None is main. The commit that it stood for is recorded."""
    path: str | None = None
    """A local copy instead of the hub: a folder with the files of each split (parquet, csv, jsonl, json)."""
    published: str | None = None
    """Where the files can be had, for a data set that the hub cannot load."""
    text: str
    """Column of texts, or a template such as `{passage} {claim}`; with candidates `{answer}` is the one shown."""
    label: str | None = None
    """Column of labels."""
    positive: Sequence[int | str | bool] | None = None
    """Values of `label` that count as label 1, all others as 0; None keeps each value as a class."""
    candidates: CandidateRule | None = None
    """How a row names its right and wrong answers."""
    unfold: Callable[[Any], list[dict[str, Any]]] | None = None
    """Makes rows out of a published JSON file that is no list of rows."""
    classes: Sequence[str] | None = None
    """Names of the classes in ascending order of their values."""
    train_splits: Sequence[str] = ("train",)
    """Splits that weak_train, pool and validation are drawn from."""
    test_splits: Sequence[str] = ("test",)
    """Splits that test is drawn from; none: test comes from the train splits."""
    held_out: int | None = None
    """This many rows of the train splits, the same for every data_seed, are for test alone; test_splits is empty then."""
    weak_train: int = 5_000
    pool: int = 5_000
    validation: int = 1_000
    test: int = 5_000
    limit: int | None = None
    """At most this many points in each role."""
    balance: bool = True
    """Undersample, so that all classes are equally frequent."""

    def __post_init__(self) -> None:
        self._check_place()
        require(
            (self.label is None) != (self.candidates is None),
            f"label={self.label}, candidates={self.candidates}: exactly one of them says where labels come from.",
        )
        require(
            self.positive is None or self.label is not None, "positive=...: belongs to a label column, and label is null."
        )
        require(bool(self.train_splits), "train_splits=[]: name at least one split, for example [train].")
        require(
            self.held_out is None or (self.held_out > 0 and not self.test_splits),
            f"held_out={self.held_out}: rows of train_splits kept for test, above 0, with test_splits=[].",
        )
        fields = Template(self.text).fields
        require(
            self.candidates is None or "answer" in fields,
            f"text='{self.text}': with candidates the text shows {{answer}}.",
        )
        self.sizes()

    def _check_place(self) -> None:
        if self.path is not None:
            require(Path(self.path).expanduser().is_dir(), f"path={self.path}: there is no such folder.\n{_LOCAL}")
            return
        where = f" Its files are published at {self.published}." if self.published else ""
        require(
            bool(self.id),
            f"This data set has no id that the hub can load.{where}\nDownload them and name the folder: dataset.path=FOLDER",
        )
        require(
            str(self.id).count("/") == 1,
            f"id={self.id}: an id is namespace/name, for example stanfordnlp/sst2.\nFor a local copy: dataset.path=FOLDER.",
        )

    def sizes(self) -> Sizes:
        """Points asked for in each role."""
        sizes = Sizes(weak_train=self.weak_train, pool=self.pool, validation=self.validation, test=self.test)
        return sizes.at_most(self.limit)

    def columns(self) -> tuple[str, ...]:
        """Columns that every row needs."""
        made = {"answer", "choices"} if self.candidates else set()
        of_rule = self.candidates.columns if self.candidates else (str(self.label),)
        return tuple(dict.fromkeys([*(name for name in Template(self.text).fields if name not in made), *of_rule]))

    def check(self) -> None:
        """Refuse what cannot be had: a local copy's files and columns by their headers, a hub data set by its list of files.

        Raises:
            DataError: naming what is missing and the nearest thing there.
        """
        if self.path is None:
            self.repository().check()
            return
        for file in self.local_files():
            if self.unfold is None:
                need(self.columns(), column_names(file), str(file))

    def load(self, data_seed: int) -> Splits:
        """Format and balance as many rows as the roles need, in an order drawn by `data_seed`."""
        folder, provenance = self._folder()
        train = self._rows(folder, self.train_splits, data_seed)
        test = self._rows(folder, self.test_splits, data_seed) if self.test_splits else None
        formatter, classes = self.formatter([rows.table for rows in (train, test) if rows is not None])
        order, test_order = _orders(train, test, self.held_out, data_seed)
        sizes = self.sizes()
        n = sizes.training() + (0 if test_order is not None else sizes.test)
        points, dropped = self._points(train, order, formatter, len(classes), n, data_seed)
        test_points, dropped_test = None, 0
        if test_order is not None:
            test_points, dropped_test = self._points(
                train if test is None else test, test_order, formatter, len(classes), sizes.test, data_seed
            )
        dropped += dropped_test
        notes = (f"{dropped:,} rows without a text or a label were left out.",) if dropped else ()
        return deal(points, sizes, classes=classes, test=test_points, provenance=provenance, notes=notes)

    def _folder(self) -> tuple[Path, tuple[tuple[str, str], ...]]:
        """Where the files lie, and what they are."""
        if self.path is None:
            folder = self.repository().fetch()
            return folder, (("data", str(self.id)), ("data/commit", folder.name))
        folder = Path(self.path).expanduser()
        fingerprint = digest([content_hash(file) for file in self.local_files()])
        return folder, (("data", self.id or folder.name), ("data/sha256", fingerprint))

    def local_files(self) -> list[Path]:
        """The files of the local copy that hold the splits."""
        folder = Path(str(self.path)).expanduser()
        splits = (*self.train_splits, *self.test_splits)
        return list(dict.fromkeys(file for split in splits for file in self._files(folder, split)))

    def repository(self) -> Repository:
        """The data set on the hub."""
        return Repository(str(self.id), self.subset, self.revision, (*self.train_splits, *self.test_splits))

    def _files(self, folder: Path, split: str) -> list[Path]:
        names = split_files(listing(folder), split, subset=self.subset, where=str(folder), card=card_of(folder))
        return [folder / name for name in names]

    def _rows(self, folder: Path, splits: Sequence[str], data_seed: int) -> Rows:
        """All rows of `splits`; a row's draws depend on its split and its place in it alone."""
        import pyarrow as pa

        tables = [self._table(self._files(folder, split)) for split in splits]
        sizes = tuple((split, table.num_rows) for split, table in zip(splits, tables, strict=True))
        draws = [generator(data_seed, "hub", "coins", split).random((size, 2)) for split, size in sizes]
        try:
            together = pa.concat_tables(tables, promote_options="permissive")
        except pa.ArrowException as error:
            raise DataError(f"The splits {', '.join(splits)} differ in their columns' types: {error}") from error
        return Rows(together, np.concatenate(draws), sizes)

    def _table(self, files: Sequence[Path]) -> pa.Table:
        import pyarrow as pa

        tables = [read(file, columns=self.columns(), unfold=self.unfold) for file in files]
        return pa.concat_tables(tables, promote_options="permissive")

    def formatter(self, tables: Sequence[pa.Table]) -> tuple[Formatter, tuple[str, ...]]:
        """What makes texts and class codes out of rows, and the classes' names."""
        template = Template(self.text)
        if self.candidates is not None:
            return Shown(template, self.candidates), self._names(("wrong", "right"))
        name = str(self.label)
        values = label_values([table.column(name) for table in tables], name)
        if self.positive is None:
            return Labelled(template, name, {value: k for k, value in enumerate(values)}), self._names(
                tuple(map(class_name, values))
            )
        present = [value in self.positive for value in values]
        require(
            any(present) and not all(present),
            f"positive={list(self.positive)}: column '{name}' holds {', '.join(map(class_name, values[:12]))}.\n"
            "Name some of them, not all.",
            DataError,
        )
        codes = {value: int(value in self.positive) for value in values}
        return Labelled(template, name, codes), self._names(("other", "positive"))

    def _names(self, found: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(self.classes) if self.classes is not None else found
        require(
            len(names) == len(found),
            f"classes={list(names)}: the data has {len(found)} ({', '.join(found[:12])}).",
            DataError,
        )
        return names

    def _points(
        self, rows: Rows, order: IntArray, formatter: Formatter, n_classes: int, n: int, data_seed: int
    ) -> tuple[Split, int]:
        strata = generator(data_seed, "hub", "strata")
        return draw_points(rows, order, formatter, n=n, n_classes=n_classes, balance=self.balance, strata=strata)


def _orders(train: Rows, test: Rows | None, held_out: int | None, data_seed: int) -> tuple[IntArray, IntArray | None]:
    """Positions of the rows for training, and of those for test alone, each in the order drawn by `data_seed`."""
    order = generator(data_seed, "hub", "order", "train").permutation(len(train))
    if held_out is not None:
        require(held_out < len(train), f"held_out={held_out:,}: the train splits hold {len(train):,} rows.", DataError)
        for_test = np.zeros(len(train), dtype=np.bool_)
        for_test[generator(HELD_OUT_SEED, "hub", "held out").permutation(len(train))[:held_out]] = True
        return order[~for_test[order]], order[for_test[order]]
    return order, None if test is None else generator(data_seed, "hub", "order", "test").permutation(len(test))
