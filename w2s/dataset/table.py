"""Bring your own data: one csv, tsv, jsonl or parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import MinLen

from w2s.dataset.annotations.gather import check_opinions, opinions
from w2s.dataset.columns.classes import label_copies, vote_codes
from w2s.dataset.columns.dates import Period, dated
from w2s.dataset.columns.names import as_tuple, matching, require_columns
from w2s.dataset.columns.numbers import is_numeric, matrix, misread_number
from w2s.dataset.columns.template import Template, texts_of
from w2s.dataset.columns.values import is_unique, names_of, require_unique
from w2s.dataset.files.formats import SUFFIXES, column_names, kind, read
from w2s.dataset.roles.dealing import SHARES, RoleSize, assemble
from w2s.dataset.roles.one_file import deal_rows
from w2s.dataset.roles.partly_labelled import NO_LABEL, known_codes
from w2s.errors import ConfigError, DataError, require
from w2s.identity import content_hash, identity
from w2s.types import Column, ColumnRoles, Inputs, Picture, Sealed, Split, Splits, StrArray, as_names
from w2s.utils.ranges import ProperShare, checked
from w2s.utils.reading import located, reading

if TYPE_CHECKING:
    import pyarrow as pa

SMALL_BYTES = 5_000_000
"""A file up to this size is read in milliseconds, so that all of it is checked before anything else begins."""

NUMBERING = ("id", "idx", "index")
"""Columns of these names, in any case, number the rows; they become features only where `features` asks for them."""


@identity(version=2, content=("path", "functions"), runtime=("name",))
@dataclass(frozen=True, kw_only=True)
@checked
class Table:
    """Points of one file: texts, numeric features, votes of labelling functions, or several of them, with a label each.

    Every role holds the classes in the file's shares. Rows are numbered from 1 below the header. Rows without a label are
    the pool, which then has no truth; the labelled ones are the other roles.
    """

    path: str | None = None
    """csv, tsv, jsonl, json or parquet, by its suffix."""
    name: str | None = None
    """What reports call it; None: the file's name."""
    label: str = "label"
    """Column of the true labels: any number of classes, as numbers or words."""
    text: str | None = None
    """Column of texts, or a template such as `{title}: {body}`."""
    features: Annotated[str | Sequence[str], MinLen(1)] | None = None
    """Numeric columns (`emb_*` stands for all that match; a column of lists gives one feature a number); where neither
    text nor features are named, all numeric columns with no other duty but `NUMBERING`."""
    source: str | None = None
    """Column that names where each point comes from."""
    date: str | None = None
    """Column of dates, ISO texts or timestamps: sources are bought from period by period."""
    period: Period = "month"
    """What is told apart."""
    id: str | None = None
    """Column of unique ids; where none is named the column `id`, if its values are unique, else the row's number."""
    split: str | None = None
    """Column that names each row's role: weak_train, pool, validation, test, or train for a row to be dealt."""
    votes: str | Sequence[str] = ()
    """Columns of labelling functions' votes: a label, or -1 (or nothing) to abstain. `lf_*` stands for all that match."""
    predictions: str | None = None
    """Column of somebody else's predictions, or with `*`, which stands for the class, columns of probabilities."""
    functions: str | None = None
    """A Python file of functions, whose votes stand behind those of `votes`."""
    weak_train: RoleSize | ProperShare | None = None
    """Points (a whole number) or share of the file (below 1), of its labelled rows where others are the pool; None takes its
    part of the rest, `SHARES`."""
    pool: RoleSize | ProperShare | None = None
    validation: RoleSize | ProperShare | None = None
    test: RoleSize | ProperShare | None = None
    limit: RoleSize | None = None
    """At most this many points in each role."""
    balance: bool = False
    """Undersample, so that all classes are equally frequent."""

    def __post_init__(self) -> None:
        self._check_place()
        shown = Template(self.text).fields if self.text is not None else ()
        require(
            self.label not in (*shown, *as_tuple(self.features), *as_tuple(self.votes)),
            f"label={self.label}: the label is what models have to find; take it out of text, features and votes.",
        )

    def _check_place(self) -> None:
        require(
            bool(self.path),
            "path=null: a table is read from a file. Name one: dataset.path=points.csv (or tsv, jsonl, parquet).",
        )
        located(str(self.path), "path", ConfigError)
        missing = "this is a folder. Name one file in it" if self._file.is_dir() else "there is no such file"
        require(self._file.is_file(), f"path={self.path}: {missing}.")
        require(kind(self._file) is not None, f"path={self.path}: a table is one of {', '.join(SUFFIXES)}.")

    @property
    def _file(self) -> Path:
        return Path(self.path or "").expanduser()

    def check(self) -> None:
        """Refuse what is wrong with the file: in its header, and where it is small in every row.

        Raises:
            DataError: naming column and row.
        """
        with self._reading():
            self._need_columns(column_names(self._file))
            check_opinions(self.functions)
            self.preview(0)

    def _reading(self) -> AbstractContextManager[None]:
        """The edge inside which the file is read."""
        return reading(f"{self._file} is no table of points", DataError, "Repair the file, or name its columns one by one.")

    def preview(self, data_seed: int) -> Splits | None:
        """The data of a file of at most `SMALL_BYTES`."""
        return self.load(data_seed) if self._file.stat().st_size <= SMALL_BYTES else None

    @property
    def provides(self) -> frozenset[Column]:
        """By the settings alone: features where some are named or nothing else is."""
        alone = self.text is None and not self.votes
        held: dict[Column, object] = {
            "features": self.features is not None or alone,
            "texts": self.text is not None,
            "votes": self.votes or self.functions,
            "predictions": self.predictions,
            "sources": self.source,
        }
        return frozenset(column for column, there in held.items() if there)

    def load(self, data_seed: int) -> Splits:
        """All rows, shuffled by `data_seed` and dealt into the roles."""
        with self._reading():
            table = self._table()
            self._need_columns(table.column_names)
            return self._completed(table)._deal_out(table, data_seed)

    def _table(self) -> pa.Table:
        return read(self._file)

    def _completed(self, table: pa.Table) -> Table:
        """The same, with the column `id` as the id where none is named and that one can be it."""
        free = self.id is None and "id" in table.column_names and "id" not in self._duties
        return replace(self, id="id") if free and is_unique(table.column("id")) else self

    def _deal_out(self, table: pa.Table, data_seed: int) -> Splits:
        codes, classes, values = known_codes(table.column(self.label), self.label)
        labelled = codes != NO_LABEL
        features, notes = self._features(table)
        block = matrix(table, features) if features else None
        if block is not None and block.shape[1] == len(features):
            copies = label_copies(block[labelled], features, codes[labelled])
            notes += (f"These features tell the label exactly: {', '.join(copies)}. Are they the label?",) if copies else ()
        votes = self._matching(self.votes, table.column_names)
        texts = texts_of(table, self.text)
        given, told = opinions(
            vote_codes(table, votes, values) if votes else None,
            lambda: table.drop_columns([self.label]),
            texts,
            classes,
            predicted=self.predictions,
            functions=self.functions,
        )
        points = Split(
            ids=self._ids(table),
            inputs=Inputs(
                features=block,
                texts=texts,
                images=self._images(table),
                **given,
            ),
            labels=Sealed(codes),
            sources=names_of(table.column(self.source), self.source) if self.source else None,
            periods=dated(table.column(self.date), self.date, self.period) if self.date else None,
        )
        roles = names_of(table.column(self.split), self.split) if self.split else None
        asked = {role: getattr(self, role) for role in SHARES}
        parts, said, fixed = deal_rows(
            points, codes, roles, asked, data_seed, column=self.split, limit=self.limit, balance=self.balance
        )
        provenance = (("data", f"table {self._file.name}"), ("data/sha256", content_hash(self._file)))
        names = {"text": self.text, "source": self.source, "id": self.id, "predictions": self.predictions}
        roles_of = ColumnRoles(**names, features=features, votes=votes, labels=tuple(values))
        notes += told + said
        return assemble(parts, classes=classes, provenance=provenance, notes=notes, fixed_halves=fixed, columns=roles_of)

    def _need_columns(self, columns: Sequence[str]) -> None:
        where = self._file.name
        require_columns([self.label], columns, where, setting="label")
        for name in ("source", "id", "split", "date"):
            if getattr(self, name) is not None:
                require_columns([getattr(self, name)], columns, where, setting=name)
        for name in ("features", "votes"):
            require_columns(self._matching(getattr(self, name), columns), columns, where, setting=name)
        if self.text is not None:
            require_columns(Template(self.text).fields, columns, where, setting="text")

    @property
    def _duties(self) -> set[str | None]:
        return {self.label, self.source, self.id, self.split, self.date, self.predictions}

    def _matching(self, patterns: str | Sequence[str] | None, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns that `patterns` name; a pattern matches none that has another duty."""
        return matching(as_tuple(patterns), [name for name in columns if name not in self._duties])

    def _features(self, table: pa.Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the feature columns, and a note on the columns left out."""
        if self.features is not None:
            return self._matching(self.features, table.column_names), ()
        if self.text is not None or self.votes:
            return (), ()
        opinion = self.predictions or ""
        free = [
            column for column in table.schema if column.name not in self._duties and not fnmatchcase(column.name, opinion)
        ]
        numbering = [column.name for column in free if column.name.lower() in NUMBERING]
        numeric = tuple(column.name for column in free if is_numeric(column.type) and column.name not in numbering)
        others = [column.name for column in free if column.name not in (*numeric, *numbering)]
        for name in others:
            row = misread_number(table.column(name))
            if row is not None:
                raise DataError(
                    f"column '{name}' holds numbers, but '{table.column(name)[row - 1].as_py()}' in row {row}.\n"
                    "Correct the value, or name the columns to read: dataset.features=[...] or dataset.text=..."
                )
        if not numeric:
            advice = "It holds no column beside the label."
            if others:
                advice = f"Name the column of texts: dataset.text={others[0]}"
            elif numbering:
                advice = f"If '{numbering[0]}' does not only number the rows: dataset.features=[{numbering[0]}]"
            raise DataError(f"{self._file.name} has no numeric column to read as features. {advice}")
        without = others + numbering
        left_out = (
            (f"Read as features: all {len(numeric)} numeric columns. Left out: {', '.join(without)}.",) if without else ()
        )
        return numeric, left_out

    def _images(self, table: pa.Table) -> tuple[Picture, ...] | None:  # noqa: ARG002
        """Pictures, where a kind of table has some."""
        return None

    def _ids(self, table: pa.Table) -> StrArray:
        if self.id is None:
            return as_names([f"row-{i}" for i in range(1, table.num_rows + 1)])
        return require_unique(names_of(table.column(self.id), self.id), self.id)
