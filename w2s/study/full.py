"""The whole job on one preparation: transfer, mixing, selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from w2s.identity import identity
from w2s.recorder import Recorder
from w2s.study.prepare import Preparation
from w2s.study.prepared import Prepared


class Analysis(Protocol):
    """A study that can work on a pool prepared by another."""

    def analyse(self, prepared: Prepared, recorder: Recorder) -> None:
        """Record what this study finds."""
        ...


@identity()
@dataclass(frozen=True, kw_only=True)
class Full:
    """Transfer, mixing and selection in order; the pool is labelled, encoded and partitioned once."""

    preparation: Preparation
    transfer: Analysis
    mixing: Analysis
    selection: Analysis

    def run(self, recorder: Recorder) -> None:
        """Prepare the pool once and run the three analyses on it."""
        prepared = self.preparation.prepare(recorder)
        for analysis in (self.transfer, self.mixing, self.selection):
            analysis.analyse(prepared, recorder)
