"""Data sets of the Hugging Face hub, or local copies in their schema, made into labelled texts.

The protocol is the paper's (section 5 and appendix; public code: EleutherAI/w2s): shuffle, format, drop empty texts,
undersample to equal classes, deal. A question with candidate answers becomes a text that shows a right answer (label 1) or a
wrong one (label 0), as a fair coin decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import MinLen

from w2s.dataset.annotations.gather import check_opinions, opinions
from w2s.dataset.columns.names import as_tuple
from w2s.dataset.columns.template import Template
from w2s.dataset.hub.candidates import CandidateRule
from w2s.dataset.hub.local_copy import Mirror, Unfold
from w2s.dataset.hub.repository import Repository
from w2s.dataset.hub.rows import AnswerFormatter, Formatter, LabelFormatter, Rows, draw_points, hold_out, label_codes
from w2s.dataset.hub.unlabelled import TextFormatter, deal_partly, unlabelled_pool
from w2s.dataset.roles.dealing import RoleSize, Sizes, deal
from w2s.errors import ConfigError, DataError, require
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, Split, Splits
from w2s.utils.ranges import Count, checked
from w2s.utils.reading import located, reading

if TYPE_CHECKING:
    import pyarrow as pa

HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*")

_LOCAL = "It holds the files of each split, such as train.parquet and test.parquet."


@identity(content=("path", "functions"), runtime=("name",))
@dataclass(frozen=True, kw_only=True)
@checked
class Hub:
    """LabelFormatter texts from any data set that the hub can show as tables.

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
    name: str | None = None
    """What reports call it; None: the choice, or the folder's or repository's name."""
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
    unfold: Unfold | None = None
    """Makes rows out of a published JSON file that is no list of rows."""
    classes: Sequence[str] | None = None
    """Names of the classes in ascending order of their values."""
    predictions: str | None = None
    """Column of somebody else's predictions, or with `*`, which stands for the class, columns of probabilities."""
    functions: str | None = None
    """A Python file of functions of a text, or of a row's columns, whose votes weak models read."""
    train_splits: Annotated[str | Sequence[str], MinLen(1)] = ("train",)
    """Splits that weak_train, pool and validation are drawn from."""
    test_splits: str | Sequence[str] = ("test",)
    """Splits that test is drawn from; none: test comes from the train splits."""
    held_out: Count | None = None
    """This many rows of the train splits, the same for every data_seed, are for test alone; test_splits is empty then."""
    weak_train: RoleSize = 5_000
    pool: RoleSize = 5_000
    validation: RoleSize = 1_000
    test: RoleSize = 5_000
    limit: RoleSize | None = None
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
        require(
            self.held_out is None or not self.test_splits,
            f"held_out={self.held_out}: rows of train_splits kept for test, with test_splits=[].",
        )
        fields = Template(self.text).fields
        require(self.label not in fields, f"text='{self.text}': it shows the label column '{self.label}'.")
        both = set(as_tuple(self.train_splits)) & set(as_tuple(self.test_splits))
        require(not both, f"train_splits and test_splits share {', '.join(sorted(both))}: test needs points of its own.")
        require(
            self.candidates is None or "answer" in fields,
            f"text='{self.text}': with candidates the text shows {{answer}}.",
        )

    def _check_place(self) -> None:
        if self.path is not None:
            folder = located(self.path, "path", ConfigError)
            require(bool(self.path) and folder.is_dir(), f"path={self.path}: there is no such folder.\n{_LOCAL}")
            return
        where = f" Its files are published at {self.published}." if self.published else ""
        require(
            bool(self.id),
            f"This data set has no id that the hub can load.{where}\nDownload them and name the folder: dataset.path=FOLDER",
        )
        require(
            HUB_ID.fullmatch(str(self.id)) is not None,
            f"id={self.id}: an id is namespace/name, for example stanfordnlp/sst2.\nFor a local copy: dataset.path=FOLDER.",
        )

    @property
    def provides(self) -> frozenset[Column]:
        """Texts, and what others say of them."""
        held: dict[Column, object] = {"texts": True, "votes": self.functions, "predictions": self.predictions}
        return frozenset(column for column, there in held.items() if there)

    def columns(self) -> tuple[str, ...]:
        """Columns that every row needs."""
        made = {"answer", "choices"} if self.candidates else set()
        of_rule = self.candidates.columns if self.candidates else (str(self.label),)
        said = (self.predictions,) if self.predictions is not None and "*" not in self.predictions else ()
        return tuple(dict.fromkeys([*(name for name in Template(self.text).fields if name not in made), *of_rule, *said]))

    def source(self) -> Mirror | Repository:
        """Where the rows are read from: the folder `path`, or the hub."""
        splits = (*as_tuple(self.train_splits), *as_tuple(self.test_splits))
        if self.path is None:
            return Repository(str(self.id), self.subset, self.revision, splits)
        return Mirror(Path(self.path).expanduser(), self.subset, splits, self.unfold)

    def check(self) -> None:
        """Refuse what cannot be had: a local copy is read, a hub data set asked for its subsets, splits and columns.

        Raises:
            DataError: naming what is missing and the nearest thing there.
        """
        with self._reading():
            self.source().check(self.columns())
            check_opinions(self.functions)

    def load(self, data_seed: int) -> Splits:
        """Format and balance as many rows as the roles need, in an order drawn by `data_seed`."""
        with self._reading():
            return self._load(data_seed)

    def _reading(self) -> AbstractContextManager[None]:
        """The edge inside which files of others are read."""
        of = f"id={self.id}" if self.path is None else f"path={self.path}"
        return reading(f"dataset.{of} cannot be read", DataError, "Name another data set, or repair its files and card.")

    def _load(self, data_seed: int) -> Splits:
        source = self.source()
        tables = source.load(self.columns())
        train = _rows(tables, as_tuple(self.train_splits), data_seed, "train")
        test = _rows(tables, as_tuple(self.test_splits), data_seed, "test") if self.test_splits else None
        formatter, classes = self.formatter([train.table] if test is None else [train.table, test.table])
        if self.held_out is not None:
            train, test = hold_out(train, self.held_out)
        sizes = Sizes.of(self)
        provenance = (("data", self.id or Path(str(self.path)).expanduser().name), *source.provenance())
        if isinstance(formatter, LabelFormatter) and (rest := unlabelled_pool(train, formatter)) is not None:
            return self._partly(train, rest, test, formatter, classes, data_seed, provenance)
        n = sizes.training() + (sizes.test if test is None else 0)
        points, dropped = self._points(train, formatter, classes, n, data_seed)
        test_points, also = (None, 0) if test is None else self._points(test, formatter, classes, sizes.test, data_seed)
        dropped += also
        notes = (f"{dropped:,} rows without a text or a label were left out.",) if dropped else ()
        return deal(points, sizes, classes=classes, test=test_points, provenance=provenance, notes=notes)

    def _partly(
        self,
        train: Rows,
        rest: Rows,
        test: Rows | None,
        formatter: LabelFormatter,
        classes: tuple[str, ...],
        data_seed: int,
        provenance: tuple[tuple[str, str], ...],
    ) -> Splits:
        """Of the `rest`, rows without a label, comes the pool, of the others the other roles."""
        sizes = Sizes.of(self)
        n = sizes.weak_train + sizes.validation + (sizes.test if test is None else 0)
        known, _ = self._points(train, formatter, classes, n, data_seed)
        pool, _ = self._points(rest, TextFormatter(formatter.template), classes, sizes.pool, data_seed, balance=False)
        apart = None if test is None else self._points(test, formatter, classes, sizes.test, data_seed)[0]
        return deal_partly(known, pool, sizes, classes=classes, test=apart, provenance=provenance)

    def formatter(self, tables: Sequence[pa.Table]) -> tuple[Formatter, tuple[str, ...]]:
        """What makes texts and class codes out of the rows of `tables`, and the names of the classes."""
        template = Template(self.text)
        if self.candidates is not None:
            return AnswerFormatter(template, self.candidates), self._names(("wrong", "right"))
        codes, found = label_codes([table.column(str(self.label)) for table in tables], str(self.label), self.positive)
        return LabelFormatter(template, str(self.label), codes), self._names(found)

    def _names(self, found: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(self.classes) if self.classes is not None else found
        require(
            len(names) == len(found),
            f"dataset.classes={list(names)}: the data has {len(found)} ({', '.join(found[:12])}).",
            DataError,
        )
        return names

    def _points(
        self,
        rows: Rows,
        formatter: Formatter,
        classes: tuple[str, ...],
        n: int,
        data_seed: int,
        *,
        balance: bool | None = None,
    ) -> tuple[Split, int]:
        """At most `n` points, with what others say of them, and how many rows were dropped on the way."""
        strata, even = generator(data_seed, "hub", "strata"), self.balance if balance is None else balance
        points, dropped = draw_points(rows, formatter, n=n, classes=classes, balance=even, strata=strata)
        if self.predictions is None and self.functions is None:
            return points, dropped
        table = rows.table.drop_columns([str(self.label)]) if self.label is not None else rows.table
        given, _ = opinions(
            None,
            lambda: table.take(rows.positions(points.ids)),
            points.inputs.texts,
            classes,
            predicted=self.predictions,
            functions=self.functions,
        )
        return replace(points, inputs=replace(points.inputs, **given)), dropped


def _rows(tables: Mapping[str, pa.Table], splits: Sequence[str], data_seed: int, group: str) -> Rows:
    """All rows of `splits`; a row's draws depend on its split and its place in it alone."""
    import pyarrow as pa

    with reading(f"The splits {', '.join(splits)} differ", DataError, "Give a column values of one kind in all splits."):
        table = pa.concat_tables([tables[split] for split in splits], promote_options="permissive")
    sizes = tuple((split, tables[split].num_rows) for split in splits)
    draws = [generator(data_seed, "hub", "coins", split).random((size, 2)) for split, size in sizes]
    order = generator(data_seed, "hub", "order", group).permutation(len(table))
    return Rows(table, np.concatenate(draws), sizes, order)
