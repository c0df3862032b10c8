"""The whole job on one prepared pool: transfer, mixing, selection."""

from __future__ import annotations

from dataclasses import dataclass

from w2s.identity import identity
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.study.base import Analysis, ChecksPreparation, CountsFits


@identity()
@dataclass(frozen=True, kw_only=True)
class Full:
    """Three analyses in order."""

    transfer: Analysis
    mixing: Analysis
    selection: Analysis

    @property
    def analyses(self) -> tuple[Analysis, ...]:
        """In the order they run."""
        return self.transfer, self.mixing, self.selection

    @property
    def fits(self) -> int:
        """Those of all three that know theirs."""
        return sum(analysis.fits for analysis in self.analyses if isinstance(analysis, CountsFits))

    def check_preparation(self, preparation: Preparation) -> None:
        """Refuse what one of them finds wrong with the preparation."""
        for analysis in self.analyses:
            if isinstance(analysis, ChecksPreparation):
                analysis.check_preparation(preparation)

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Run them; what was recorded before a failure is kept."""
        for analysis in self.analyses:
            analysis.analyse(prepared, recorder)
