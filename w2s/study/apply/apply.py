"""The study: in parts that can be killed, repeated and spread over machines, and a summary once all of them are there."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from w2s.errors import ConfigError, require
from w2s.identity import digest, identity
from w2s.pool.handover import Handover
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import predicted
from w2s.store import Store
from w2s.study.apply.drift import counts_table, drifts
from w2s.study.apply.models import Answers, Models, fitted_folder, load_handover, load_models
from w2s.study.apply.parts import Part
from w2s.study.apply.row_counts import COUNTED, RowCounts
from w2s.types import ColumnRoles, FloatArray, NewRows
from w2s.utils.files import atomic_write, file_checksum, write_text
from w2s.utils.ranges import Count, CountOrZero, checked

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

VERSION = 1
"""Raised when parts of an earlier version do not go with those of this one."""
FAR, SURE = 0.1, 0.01
"""Size of a difference from which on a note tells it, if its p-value is below."""
OUTPUTS = Path("outputs") / "applied"


@runtime_checkable
class RowSource(Protocol):
    """Where new rows come from."""

    @property
    def path(self) -> str | None:
        """As the user named it."""
        ...

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of each file."""
        ...

    def roles(self, known: ColumnRoles | None) -> ColumnRoles:
        """Which columns are read, given those that the run read."""
        ...

    def expect(self, roles: ColumnRoles) -> None:
        """Refuse files that lack one."""
        ...

    def state(self, roles: ColumnRoles) -> Sequence[Any]:
        """What tells whether the files are the same as before."""
        ...

    def rows(self, roles: ColumnRoles, start: int, stop: int, size: int) -> Iterator[NewRows]:
        """Rows `start` to `stop` of all files, at most `size` at a time."""
        ...


@identity(content=("fitted",), runtime=("store", "piece", "keep_vectors"))
@dataclass(frozen=True, kw_only=True)
@checked
class Apply:
    """Weak label, region, score and student's answer for every row of new files, by what a run fitted: nothing is refitted.

    The rows of all files, counted through, are divided into `shards` parts of equal size, a file of answers each. A part
    that is whole is never computed again. Whoever finds all parts there adds up their counts and compares with the pool.
    """

    fitted: str | None = None
    """Folder of the run."""
    rows: RowSource
    shards: Count = 1
    """Parts."""
    shard: CountOrZero | None = None
    """The part of this job, 0 ... shards - 1; None: all of them, one after the other."""
    piece: Count = 16_384
    """Rows in memory at a time. Vectors of a pretrained encoder can depend on it in the sixth digit."""
    output: str | None = None
    """Folder of the answers; None: one below outputs/applied for each run, files and number of parts."""
    keep_vectors: bool = False
    """Whether the store keeps vectors of new texts: for rows that are asked about again. Processes then wait for one another
    where they fill the same part of it."""
    store: Store = field(default_factory=Store)
    allowed: tuple[str, ...] = ()
    """Packages beside this one whose classes may be built."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowed", tuple(self.allowed))
        require(
            self.shard is None or self.shard < self.shards,
            f"shard={self.shard}: the parts are 0 to {self.shards - 1}; all: study.shard='range(0,{self.shards})'.",
        )

    def check(self) -> None:
        """Refuse what is wrong with the fitted folder's list, and with the files' headers; no model is loaded.

        Raises:
            W2SError: in the words of the setting.
        """
        require(
            not self.pool.refined,
            f"study.fitted={self.fitted}: its detector read refined labels, and new rows have none.\n"
            "Repeat the run with preparation.evidence=weak.",
        )
        self.rows.expect(self.roles)
        if self.pool.width and not self.roles.features:
            raise ConfigError(
                f"The run was fitted on {self.pool.width} feature columns: name those of the new files, dataset.features=..."
            )

    @cached_property
    def folder(self) -> Path:
        """Of what the run fitted."""
        return fitted_folder(self.fitted)

    @cached_property
    def pool(self) -> Handover:
        """What the run handed over."""
        return load_handover(self.folder)

    @property
    def roles(self) -> ColumnRoles:
        """Which columns are read."""
        return self.rows.roles(self.pool.columns)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All parts of the answers."""
        models = {file.name: file_checksum(file) for file in sorted(self.folder.glob("*.json"))}
        asked = [VERSION, models, self.rows.state(self.roles), asdict(self.roles), self.shards]
        key = digest(asked)
        run = self.folder.resolve().parent.name
        folder = OUTPUTS / run / key[:12] if self.output is None else Path(self.output).expanduser()
        return tuple(Part(folder, k, self.shards, key) for k in range(self.shards))

    def run(self, recorder: Recorder) -> None:
        """Answer what is not answered yet, and sum up if all parts are there."""
        self._refuse_other_parts()
        todo = self.parts if self.shard is None else self.parts[self.shard : self.shard + 1]
        all_counted: dict[int, RowCounts] = {}
        started, computed = time.perf_counter(), 0
        for part in todo:
            with part.writing():
                known = part.counted()
                if known is None:
                    with recorder.stage("answers"):
                        known = self._answer(part)
                    computed += known.n
            all_counted[part.number] = known
        seconds = time.perf_counter() - started
        recorder.fact("answers", str(todo[0].folder))
        log.info("answers: %s", todo[0].folder)
        recorder.record({"apply/computed": computed, "apply/rows_per_second": computed / seconds if computed else None})
        there = sum(part.manifest.exists() for part in self.parts)
        found = [all_counted.get(part.number) or part.counted() for part in self.parts] if there == len(self.parts) else []
        whole = [counted for counted in found if counted is not None]
        if len(whole) == len(self.parts):
            self._sum_up(RowCounts.total(whole, self.pool), recorder)
        else:
            self._record(RowCounts.total(all_counted.values(), self.pool), recorder)
            recorder.skip("drift", f"{there} of {len(self.parts)} parts are there; who finishes the last sums up")

    def _refuse_other_parts(self) -> None:
        """Refuse more parts than rows, and a folder with parts of another division, which would be taken for these."""
        rows = sum(self.rows.sizes)
        require(self.shards <= rows, f"study.shards={self.shards}: the files hold {rows} rows.")
        mine = {part.manifest.name for part in self.parts}
        other = next((file for file in self.parts[0].folder.glob("part-*.json") if file.name not in mine), None)
        require(other is None, f"study.output={self.output}: it holds {other and other.name}. Name another folder.")

    @cached_property
    def models(self) -> Models:
        """All that the run fitted."""
        return load_models(self.folder, self.allowed, replace(self.store, keeps=self.keep_vectors))

    def _answer(self, part: Part) -> RowCounts:
        import pyarrow.parquet as pq

        total = sum(self.rows.sizes)
        ends = total * part.number // part.parts, total * (part.number + 1) // part.parts
        all_counted, writer = [], None
        with part.opened() as place:
            for rows in self.rows.rows(self.roles, *ends, self.piece):
                answers = self.models.answer(rows.inputs)
                table = answers_table(rows, answers, self.pool.classes)
                writer = writer or pq.ParquetWriter(place, table.schema)
                writer.write_table(table)
                all_counted.append(RowCounts.of(rows, answers, self.pool))
            assert writer is not None, "every part holds a row"
            writer.close()
        counted = RowCounts.total(all_counted, self.pool)
        part.finish(counted)
        return counted

    def _record(self, counted: RowCounts, recorder: Recorder) -> None:
        recorder.record({"apply/rows": counted.n})
        if counted.n:
            shares = dict(zip(COUNTED, (counted.regions / counted.n).tolist(), strict=True))
            recorder.record({f"apply/{name}": shares[name] for name in ("overlap", "easy", "hard")})
            recorder.record({"apply/agreement": counted.agreed / counted.n})

    def _sum_up(self, counted: RowCounts, recorder: Recorder) -> None:
        """Counts and densities by source and month, and the drift: in the run's folder and beside the answers."""
        import pandas as pd

        self._record(counted, recorder)
        found = list(drifts(self.pool, counted)) if counted.n else []
        tables = {"applied": counts_table(counted), "drift": pd.DataFrame([asdict(each) for each in found])}
        folder = self.parts[0].folder
        for name, frame in tables.items():
            recorder.table(name, frame)
            with atomic_write(folder / f"{name}.parquet") as partial:
                frame.to_parquet(partial, index=False)
        far = [f"{each.what} {each.effect:.2f}" for each in found if each.effect >= FAR and each.p < SURE]
        if far:
            recorder.note(f"New rows are unlike the run's pool, which what was fitted knows (0 to 1): {', '.join(far)}.")
        for each in found:
            recorder.record({f"apply/drift/{each.what}": each.effect, f"apply/drift/{each.what}/p": each.p})
        summary = {"rows": counted.n, "files": list(self.rows.state(self.roles)), "drift": [asdict(each) for each in found]}
        write_text(folder / "summary.json", json.dumps(summary, indent=1))


def answers_table(rows: NewRows, answers: Answers, classes: tuple[str, ...]) -> pa.Table:
    """A row for each new row: its id, source and month, classes by name, region, confidence, score, all probabilities."""
    import pyarrow as pa

    partition = answers.partition
    columns: dict[str, Any] = {"id": rows.ids}
    columns |= {name: kept for name, kept in (("source", rows.sources), ("month", rows.months)) if kept is not None}
    for name, probabilities in (("weak", answers.weak), ("student", answers.student)):
        columns[name] = _named(predicted(probabilities), classes)
    columns["region"] = _named(np.asarray(partition.regions) + 1, COUNTED)
    columns |= {"confidence": partition.confidence, "score": partition.score}
    for name, probabilities in (("p", answers.weak), ("student_p", answers.student)):
        columns |= {f"{name}_{k}": _column(probabilities, k) for k in range(probabilities.shape[1])}
    return pa.table(columns)


def _column(probabilities: FloatArray, k: int) -> FloatArray:
    return np.ascontiguousarray(probabilities[:, k])


def _named(codes: Any, names: tuple[str, ...]) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(names)))
