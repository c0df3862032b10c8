"""The whole job on one preparation: transfer, mixing, selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from w2s.identity import identity
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder


class Analysis(Protocol):
    """A study that can work on a pool prepared by another."""

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record what this study finds."""
        ...


@runtime_checkable
class ChecksPreparation(Protocol):
    """An analysis that does not fit every preparation."""

    def check_preparation(self, preparation: Preparation) -> None:
        """Refuse what is known not to fit before anything is loaded."""
        ...


@identity()
@dataclass(frozen=True, kw_only=True)
class Full:
    """Transfer, mixing and selection in order; the pool is labelled, encoded and partitioned once."""

    preparation: Preparation
    transfer: Analysis
    mixing: Analysis
    selection: Analysis

    def check(self) -> None:
        """Refuse what an analysis finds wrong with this preparation."""
        for analysis in (self.transfer, self.mixing, self.selection):
            if isinstance(analysis, ChecksPreparation):
                analysis.check_preparation(self.preparation)

    def run(self, recorder: Recorder) -> None:
        """Prepare the pool once and run the three analyses on it."""
        prepared = self.preparation.prepare(recorder)
        for analysis in (self.transfer, self.mixing, self.selection):
            analysis.analyse(prepared, recorder)
