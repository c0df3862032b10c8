"""From which sources should the student's points come? A policy buys round by round, and the student is retrained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.errors import ConfigError, require
from w2s.identity import identity
from w2s.pool.fit_sample import LARGEST_FIT
from w2s.pool.notes import without_truth
from w2s.pool.pool import PreparedPool
from w2s.pool.preparation import Preparation
from w2s.pool.summary import keep_by_test_point
from w2s.protocols import OnlineDetector, PolicyMaker
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.intervals import crossed
from w2s.statistics.pgr import ends
from w2s.study.policies import check_policy
from w2s.study.selection.assessors import Assessor, OnlineAssessor, PoolAssessor, RefitAssessor
from w2s.study.selection.purchases import PurchasePlan, Trace, points_columns, rounds_table, run_policy
from w2s.study.selection.recommendation import (
    at_chance,
    audit_columns,
    gold_labels,
    period_note,
    period_table,
    smallest_difference,
    source_metrics,
    source_table,
)
from w2s.study.selection.retraining import accuracies, correctness_by_round, final_correctness
from w2s.study.selection.sources import Sources, SourceSet
from w2s.types import BoolArray, FloatArray, Region, Split
from w2s.utils.ranges import Count, CountOrZero, Fits, FitsOrZero, Positive, Steps, checked

if TYPE_CHECKING:
    import pandas as pd

ROUNDS = ("accuracy", "density", "regret", "true_regret")
COMPARED = ("random_accuracy", "gain", "gain/low", "gain/high", "smallest_difference", "gold_labels", "best_chance")
GOLD_STEPS = 12
"""Students of one search for gold labels: it halves its range until few labels are left."""
METRICS = tuple(f"selection/{name}" for name in (*ROUNDS, *COMPARED))


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Selection:
    """T rounds: the policy picks a source, m points are drawn from it, overlap is counted, the student is retrained.

    `selection/density` is the detected share of overlap among everything bought, regrets are cumulative, and
    `selection/random_accuracy` is the student's accuracy after spending the same on uniformly random sources, averaged
    over `draws`; `selection/gain` is the difference, with an interval over draws x test points. Regret counts against the
    best source that could still be chosen, so that the oracle's is zero.
    """

    policy: PolicyMaker
    baseline: PolicyMaker
    """What the policy is compared with."""
    detection: Literal["pool", "history", "refit"] = "pool"
    """What says which bought points overlap: the partition of the whole pool; the detector following the batches, as the
    released module does; or the detector fitted anew on everything bought so far."""
    sources: Sources = field(default_factory=Sources)
    rounds: Steps = 50
    """T."""
    batch: Count | None = None
    """m; None takes budget / T at the mean price, or without a budget int(smallest source / T), at least 1 and no more than
    `preparation.largest_fit` / T."""
    budget: Positive | None = None
    """In money where sources have prices, else in points; None buys for T rounds."""
    train_on: Literal["collected", "overlap"] = "collected"
    """The student learns from everything bought, or only from what the detector takes for overlap."""
    retrain_every: Steps = 1
    """Rounds between two students, where a fit is dear; the last round always has one."""
    draws: Fits = 8
    """Repetitions of the baseline."""
    gold_draws: FitsOrZero = 3
    """Repetitions in the search for as many gold labels as the student is worth; 0 does not ask."""
    audit: CountOrZero = 0
    """True labels a source, spent on the share of right weak labels in it, post-stratified by region."""

    def __post_init__(self) -> None:
        for maker in (self.policy, self.baseline):
            check_policy(maker)

    @property
    def fits(self) -> int:
        """One a round, one a draw of the baseline, and those of the search for gold labels."""
        return -(-self.rounds // self.retrain_every) + self.draws + self.gold_draws * GOLD_STEPS

    def check_preparation(self, preparation: Preparation) -> None:
        """Refuse a detector that cannot follow batches where it has to, prices for another number of sources, few rounds.

        Sources and periods are counted where their number is known before the pool is loaded.

        Raises:
            ConfigError: naming the setting.
        """
        if self.detection == "history":
            detector, instead = preparation.detector, "Use detector=paper, or detection=refit."
            if not isinstance(detector, OnlineDetector):
                raise ConfigError(f"{type(detector).__name__} follows no batches, as detection=history asks.\n{instead}")
            detector.online()
        own = preparation.source_names() if self.sources.prices is not None else None
        if own is not None:
            self.sources.check_prices(own)
        pool = preparation.previewed_pool() if getattr(preparation.dataset, "date", None) else None
        obstacle = None if pool is None else self._too_short(pool)
        require(obstacle is None, f"rounds={self.rounds}: {obstacle}.")

    def _too_short(self, pool: Split) -> str | None:
        """Why there are too few rounds for the periods of the pool's dates, if so."""
        count = 0 if pool.periods is None else len(np.unique(pool.periods))
        if count <= self.rounds:
            return None
        return (
            f"the pool's dates are of {count} periods, and each needs a round: dataset.period=month or year, or more rounds"
        )

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record what the policy buys and what the student makes of it, or why there is nothing to choose."""
        pool, partition = prepared.splits.pool, prepared.partition
        obstacle = self.sources.obstacle(pool, partition) or self._too_short(pool)
        if obstacle is not None:
            recorder.skip("selection", obstacle, metrics=METRICS)
            return
        with recorder.stage("selection"):
            source_set = self.sources.build(pool, partition, generator(prepared.seed, "selection", "sources"))
            recorder.fact("sources", self.sources.origin(pool))
            plan = self.plan(source_set, recorder, most=prepared.largest_fit)
            trace = self._buy(self.policy, source_set, plan, prepared)
            student = prepared.learners.student
            only_overlap = self.train_on == "overlap"
            right = correctness_by_round(prepared, student, trace, only_overlap=only_overlap, every=self.retrain_every)
            self._rounds(trace, source_set, accuracies(right), recorder)
            points = points_columns(len(pool), source_set, trace)
            recorder.add_columns("points", "pool", pool.ids, points)
            sources = source_table(source_set, trace, seed=prepared.seed)
            if self.audit and not prepared.has_truth:
                without_truth(recorder, [f"selection/label_accuracy/{name}" for name in source_set.names])
            elif self.audit:
                sources = sources.assign(**audit_columns(prepared, source_set, self.audit))
            recorder.table("sources", sources)
            if source_set.periods:
                recorder.table("periods", periods := period_table(source_set, trace))
                recorder.note(period_note(periods))
            recorder.record(source_metrics(sources))
            self._compare(prepared, source_set, plan, right[-1], recorder)
        if self.gold_draws and right[-1] is not None:
            with recorder.stage("gold labels"):
                self._gold(prepared, right[-1], recorder)

    def plan(self, source_set: SourceSet, recorder: Recorder, *, most: int = LARGEST_FIT) -> PurchasePlan:
        """Rounds, batch and budget for these sources: `most` points in all where neither batch nor budget is given."""
        price = float(np.average(source_set.costs, weights=source_set.sizes))
        worth = float(np.sum(source_set.costs * source_set.sizes))
        times = source_set.times
        sizes = np.concatenate([each.sizes for each in times])
        portion = min(sizes[sizes > 0].min() * len(times), most) / self.rounds
        if self.budget is not None:
            portion = min(self.budget, worth) / price / self.rounds
        plan = PurchasePlan(self.rounds, self.batch or max(1, int(portion)), self.budget)
        everything = plan.batch * self.rounds >= source_set.sizes.sum() if self.budget is None else self.budget >= worth
        if everything:
            recorder.note(f"The selection buys the whole pool, which costs {worth:g}: nothing is left to choose.")
        return plan

    def _buy(
        self, maker: PolicyMaker, source_set: SourceSet, plan: PurchasePlan, prepared: PreparedPool, draw: int = 0
    ) -> Trace:
        return run_policy(source_set, maker, plan, self._assessor(prepared), seed=prepared.seed, draw=draw)

    def _assessor(self, prepared: PreparedPool) -> Assessor:
        """A new one for each policy's run: it remembers what was bought."""
        if self.detection == "pool":
            return PoolAssessor(prepared.partition.regions == Region.OVERLAP)
        if self.detection == "refit":
            return RefitAssessor(prepared.detector, prepared.learners.probe, prepared.evidence)
        assert isinstance(prepared.detector, OnlineDetector), "checked against the preparation"
        return OnlineAssessor(prepared.detector.online(), prepared.evidence)

    def _rounds(self, trace: Trace, source_set: SourceSet, accuracy: FloatArray, recorder: Recorder) -> None:
        """The table of rounds, each round's step, and the last round's metrics."""
        frame = rounds_table(trace, source_set, accuracy)
        recorder.table("rounds", frame)
        series(frame, "selection/{}", recorder)
        last = frame[list(ROUNDS)].iloc[-1]
        recorder.record({f"selection/{name}": float(last[name]) for name in ROUNDS})

    def _compare(
        self, prepared: PreparedPool, source_set: SourceSet, plan: PurchasePlan, right: BoolArray | None, recorder: Recorder
    ) -> None:
        """The same spent by the baseline; its first draw's rounds are listed unless it is the policy itself."""
        only_overlap, control = self.train_on == "overlap", prepared.learners.control
        traces = [self._buy(self.baseline, source_set, plan, prepared, draw=i) for i in range(self.draws)]
        if traces[0].policy not in set(recorder.tables["rounds"]["policy"]):
            by_round = accuracies(correctness_by_round(prepared, control, traces[0], only_overlap=only_overlap))
            rounds = rounds_table(traces[0], source_set, by_round)
            recorder.table("rounds", rounds)
            series(rounds, "selection/random_{}", recorder)
        found = [final_correctness(prepared, control, trace, only_overlap=only_overlap) for trace in traces]
        others = [each for each in found if each is not None]
        if right is None or not others:
            recorder.skip(
                "selection/gain", "a student had nothing to learn from", [f"selection/{name}" for name in COMPARED]
            )
            return
        difference = right.astype(np.float64) - np.array(others)
        moments = crossed(difference[:, :, None])
        metrics = {
            "random_accuracy": float(np.mean(others)),
            **ends("gain", moments.interval()),
            "smallest_difference": smallest_difference(moments),
        }
        recorder.record({f"selection/{name}": value for name, value in metrics.items()})
        keep_by_test_point(prepared, recorder, "selection_gain", difference)

    def _gold(self, prepared: PreparedPool, right: BoolArray, recorder: Recorder) -> None:
        if at_chance(prepared, right):
            reason = "the student is not surely better than one answer for all: any few labels would do"
            recorder.skip("selection/gold_labels", reason, ["selection/gold_labels"])
            return
        worth = gold_labels(prepared, float(np.mean(right)), draws=self.gold_draws)
        recorder.record({"selection/gold_labels": worth.needed})
        if worth.needed is None:
            recorder.note(f"The student of the selection is worth more than the {worth.available} gold labels at hand.")


def series(rounds: pd.DataFrame, name: str, recorder: Recorder) -> None:
    """Each round's numbers as a step of series, `{}` in their `name` standing for what is measured."""
    for number, row in enumerate(rounds[list(ROUNDS)].to_dict("records"), start=1):
        known = {name.format(key): float(value) for key, value in row.items() if np.isfinite(value)}
        recorder.step({"selection/round": number, **known}, number)
