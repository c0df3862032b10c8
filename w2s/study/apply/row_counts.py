"""What is counted of the rows of a part, so that no row has to be read again: added up over parts, held against the pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.pool.handover import Handover, binned, region_counts
from w2s.statistics.accuracy import predicted
from w2s.study.apply.models import Answers
from w2s.types import IntArray, NewRows

if TYPE_CHECKING:
    import pyarrow as pa

COUNTED = ("unknown", "easy", "hard", "overlap")


@dataclass(frozen=True)
class RowCounts:
    """Counts of n rows."""

    confidence: IntArray
    """(q + 1,) in the bins of the pool."""
    score: IntArray
    regions: IntArray
    """(4,) unknown, easy, hard, overlap."""
    weak_classes: IntArray
    """(C,)"""
    agreed: int
    """Rows on which student and weak model give the same class."""
    groups: dict[str, dict[str, tuple[int, ...]]]
    """Source -> month -> rows that are unknown, easy, hard, overlap; empty names where none is read."""

    @property
    def n(self) -> int:
        """Rows."""
        return int(self.regions.sum())

    @staticmethod
    def of(rows: NewRows, answers: Answers, pool: Handover) -> RowCounts:
        """Of some rows."""
        weak, student = predicted(answers.weak), predicted(answers.student)
        return RowCounts(
            confidence=binned(answers.partition.confidence, pool.confidence.edges),
            score=binned(answers.partition.score, pool.score.edges),
            regions=region_counts(answers.partition.regions),
            weak_classes=np.bincount(weak, minlength=len(pool.classes)),
            agreed=int(np.sum(weak == student)),
            groups=_groups(rows, answers.partition.regions),
        )

    @staticmethod
    def total(parts: Iterable[RowCounts], pool: Handover) -> RowCounts:
        """The sum of the counts of some parts, 0 of none."""
        arrays: dict[str, IntArray] = {
            "confidence": np.zeros(len(pool.confidence.counts), dtype=np.int64),
            "score": np.zeros(len(pool.score.counts), dtype=np.int64),
            "regions": np.zeros(len(COUNTED), dtype=np.int64),
            "weak_classes": np.zeros(len(pool.classes), dtype=np.int64),
        }
        agreed, groups = 0, dict[str, dict[str, tuple[int, ...]]]()
        for part in parts:
            for name, total in arrays.items():
                total += getattr(part, name)
            agreed += part.agreed
            for source, months in part.groups.items():
                known = groups.setdefault(source, {})
                for month, counts in months.items():
                    known[month] = tuple(map(sum, zip(known.get(month, (0,) * len(COUNTED)), counts, strict=True)))
        return RowCounts(**arrays, agreed=agreed, groups=groups)

    def json(self) -> dict[str, Any]:
        """As JSON holds it."""
        arrays = {name: getattr(self, name).tolist() for name in ("confidence", "score", "regions", "weak_classes")}
        return {**arrays, "agreed": self.agreed, "groups": self.groups}

    @staticmethod
    def parse(value: dict[str, Any]) -> RowCounts:
        """What `json` gave."""
        arrays = {name: np.array(value[name], dtype=np.int64) for name in ("confidence", "score", "regions", "weak_classes")}
        groups = {
            source: {month: tuple(map(int, counts)) for month, counts in months.items()}
            for source, months in value["groups"].items()
        }
        return RowCounts(**arrays, agreed=int(value["agreed"]), groups=groups)


def _groups(rows: NewRows, regions: IntArray) -> dict[str, dict[str, tuple[int, ...]]]:
    """Rows of each region by source and month."""
    sources, n_sources, places = _coded(rows.sources, len(regions))
    months, n_months, names = _coded(rows.months, len(regions))
    codes = (sources * n_months + months) * len(COUNTED) + (np.asarray(regions) + 1)
    counts = np.bincount(codes, minlength=n_sources * n_months * len(COUNTED)).reshape(n_sources, n_months, len(COUNTED))
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for i, k in np.argwhere(counts.sum(axis=2) > 0).tolist():
        found.setdefault(places[i], {})[names[k]] = tuple(counts[i, k].tolist())
    return found


def _coded(column: pa.Array | pa.ChunkedArray | None, n: int) -> tuple[IntArray, int, list[str]]:
    """(n,) codes of a column of texts, how many there are, and what they stand for."""
    if column is None:
        return np.zeros(n, dtype=np.int64), 1, [""]
    import pyarrow as pa

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    coded = whole.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), len(coded.dictionary), coded.dictionary.to_pylist()
