"""What a study is, and the one class that runs analyses on a prepared pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from w2s.identity import identity
from w2s.pool.examples import Look
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.results.files import IN_WORDS, POINTS
from w2s.results.recorder import Recorder


@runtime_checkable
class Study(Protocol):
    """Anything that can be run: a choice of the group `study` that brings its own data, or needs none."""

    def run(self, recorder: Recorder) -> None:
        """Record metrics and tables; what cannot be computed is skipped with its reason."""
        ...


@runtime_checkable
class Analysis(Protocol):
    """A question about a prepared pool: a choice of the group `study` that runs on the root's `preparation`."""

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record metrics and tables; what cannot be computed is skipped with its reason."""
        ...


@runtime_checkable
class ChecksPreparation(Protocol):
    """An analysis that does not fit every preparation."""

    def check_preparation(self, preparation: Preparation) -> None:
        """Refuse what is known not to fit before anything is loaded.

        Raises:
            ConfigError: naming the setting.
        """
        ...


@runtime_checkable
class CountsFits(Protocol):
    """An analysis that knows how many students it trains."""

    @property
    def fits(self) -> int:
        """At most."""
        ...


@identity()
@dataclass(frozen=True)
class OnPool:
    """A study: the pool is labelled, encoded and partitioned once, then every analysis runs on it in order."""

    preparation: Preparation
    analyses: tuple[Analysis, ...]
    look: Look | None = None
    """What is kept of the points for people to look at."""

    def check(self) -> None:
        """Refuse what an analysis finds wrong with this preparation."""
        for analysis in self.analyses:
            if isinstance(analysis, ChecksPreparation):
                analysis.check_preparation(self.preparation)

    def run(self, recorder: Recorder) -> None:
        """Prepare the pool and run the analyses; what was recorded before a failure is kept."""
        prepared = self.preparation.prepare(recorder)
        for analysis in self.analyses:
            analysis.analyse(prepared, recorder)
        if self.look is not None:
            with recorder.stage("a look at the points"):
                for name, frame in self.look.tables(prepared, recorder.tables.get(POINTS)):
                    recorder.table(name, frame, words=name in IN_WORDS)
