"""From which sources should the student's points come? A policy buys round by round, and the student is retrained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.metrics import correct
from w2s.progress import track
from w2s.protocols import PolicyMaker
from w2s.recorder import Recorder
from w2s.seeding import generator
from w2s.study.market import KnownRegions, Terms, Trace, play, trial_game
from w2s.study.prepare import Preparation
from w2s.study.prepared import Prepared
from w2s.study.sources import Shop, Sources
from w2s.types import FloatArray, Region

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

METRICS = tuple(f"selection/{name}" for name in ("accuracy", "density", "regret", "true_regret", "random_accuracy"))


@identity()
@dataclass(frozen=True, kw_only=True)
class Selection:
    """T rounds: the policy picks a source, m points are drawn from it, overlap is counted, the student is retrained.

    `selection/density` is the detected share of overlap among everything bought, regrets are cumulative, and
    `selection/random_accuracy` is the student's accuracy after spending the same on uniformly random sources, averaged
    over `draws`. Regret counts against the best source that could still be chosen, so that the oracle's is zero.
    """

    preparation: Preparation | None = None
    """None where `Full` hands the prepared pool over."""
    policy: PolicyMaker
    baseline: PolicyMaker
    """What the policy is compared with."""
    sources: Sources = field(default_factory=Sources)
    rounds: int = 50
    """T >= 1."""
    batch: int | None = None
    """m >= 1; None takes budget / T at the mean price, or without a budget int(smallest source / T), at least 1."""
    budget: float | None = None
    """> 0, in money where sources have prices, else in points; None buys for T rounds."""
    train_on: Literal["collected", "overlap"] = "collected"
    """The student learns from everything bought, or only from what the detector takes for overlap."""
    draws: int = 8
    """Repetitions of the baseline, >= 1."""

    def __post_init__(self) -> None:
        require(self.rounds >= 1, f"rounds={self.rounds}: give a whole number of at least 1.")
        require(self.draws >= 1, f"draws={self.draws}: the baseline is played at least once.")
        require(self.batch is None or self.batch >= 1, f"batch={self.batch}: a round buys at least 1 point.")
        positive = self.budget is None or 0 < self.budget < float("inf")
        require(positive, f"budget={self.budget}: give an amount above 0, or null to buy for `rounds` rounds.")
        for maker in (self.policy, self.baseline):
            maker(trial_game())

    def run(self, recorder: Recorder) -> None:
        """Prepare the pool and analyse it."""
        assert self.preparation is not None, "a study that runs on its own prepares its pool"
        self.analyse(self.preparation.prepare(recorder), recorder)

    def analyse(self, prepared: Prepared, recorder: Recorder) -> None:
        """Record what the policy buys and what the student makes of it, or why there is nothing to choose."""
        pool, partition = prepared.splits.pool, prepared.partition
        obstacle = self.sources.obstacle(pool, partition)
        if obstacle is not None:
            recorder.skip("selection", obstacle, metrics=METRICS)
            return
        with recorder.stage("selection"):
            shop = self.sources.open(pool, partition, generator(prepared.seed, "selection", "sources"))
            terms = self.terms(shop, recorder)
            assessor = KnownRegions(partition.regions == Region.OVERLAP)
            trace = play(shop, self.policy, terms, assessor, seed=prepared.seed)
            others = [play(shop, self.baseline, terms, assessor, seed=prepared.seed, draw=i) for i in range(self.draws)]
            accuracy = self._accuracies(prepared, trace)
            recorder.table("rounds", rounds_table(trace, shop, accuracy))
            self._record(trace, shop, accuracy, recorder)
            recorder.record({"selection/random_accuracy": self._baseline(prepared, shop, others, recorder)})
            self._points(prepared, shop, trace, recorder)

    def terms(self, shop: Shop, recorder: Recorder) -> Terms:
        """Rounds, batch and budget for these sources."""
        price = float(np.average(shop.costs, weights=shop.sizes))
        worth = float(np.sum(shop.costs * shop.sizes))
        if self.budget is not None and self.budget > worth:
            recorder.note(f"budget={self.budget:g} buys the whole pool, which costs {worth:g}: there is nothing to choose.")
        portion = shop.sizes[shop.sizes > 0].min() / self.rounds
        if self.budget is not None:
            portion = min(self.budget, worth) / price / self.rounds
        return Terms(self.rounds, self.batch or max(1, int(portion)), self.budget)

    def _accuracies(self, prepared: Prepared, trace: Trace) -> FloatArray:
        """(T,) test accuracy of the student after each round; NaN while it has nothing to learn from."""
        points, kept = trace.points, trace.overlap | (self.train_on == "collected")
        labels, accuracy = prepared.test_labels(), list[float]()
        for stop in track(np.cumsum(trace.sizes), "selection, rounds"):
            training = points[:stop][kept[:stop]]
            if len(training) == 0:
                accuracy.append(np.nan)
                continue
            student = prepared.fit(training, prepared.targets)
            accuracy.append(float(np.mean(correct(student.predict(prepared.strong_test), labels))))
        return np.array(accuracy)

    def _baseline(self, prepared: Prepared, shop: Shop, traces: list[Trace], recorder: Recorder) -> float:
        """Mean accuracy at the last round; the first draw's rounds go into the table unless it is the policy itself."""
        first = self._accuracies(prepared, traces[0])
        if "rounds" in recorder.tables and traces[0].policy not in set(recorder.tables["rounds"]["policy"]):
            recorder.table("rounds", rounds_table(traces[0], shop, first))
        labels, final = prepared.test_labels(), [first[-1]]
        for trace in traces[1:]:
            training = trace.points[trace.overlap | (self.train_on == "collected")]
            if len(training):
                student = prepared.fit(training, prepared.targets)
                final.append(np.mean(correct(student.predict(prepared.strong_test), labels)))
        return float(np.nanmean(final)) if np.any(np.isfinite(final)) else np.nan

    def _record(self, trace: Trace, shop: Shop, accuracy: FloatArray, recorder: Recorder) -> None:
        names = ["density", "regret", "true_regret", "accuracy"]
        values = rounds_table(trace, shop, accuracy)[names].to_numpy(dtype=np.float64)
        for number, row in enumerate(values, start=1):
            known = {name: float(value) for name, value in zip(names, row, strict=True) if np.isfinite(value)}
            recorder.step({"selection/round": number, **{f"selection/{name}": known[name] for name in known}}, number)
        recorder.record({f"selection/{name}": float(value) for name, value in zip(names, values[-1], strict=True)})

    def _points(self, prepared: Prepared, shop: Shop, trace: Trace, recorder: Recorder) -> None:
        """Which pool points were bought, when, and why."""
        import pandas as pd

        ids = prepared.splits.pool.ids
        n = len(ids)
        rounds, reasons = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
        for number, purchase in enumerate(trace.purchases, start=1):
            rounds[purchase.points] = number
            reasons[purchase.points] = purchase.reason
        columns: dict[str, ArrayLike] = {
            "source": shop.source_of(n),
            "chosen": np.isin(np.arange(n), trace.points),
            "round": pd.array(rounds, dtype="Int64"),
            "reason": reasons,
        }
        recorder.add_columns("points", "pool", ids, columns)


def rounds_table(trace: Trace, shop: Shop, accuracy: FloatArray) -> pd.DataFrame:
    """One row a round; counts are the round's, densities, cost and regrets cover everything up to it.

    `true_density` and `true_regret` are NaN where no truth is planted.
    """
    import pandas as pd

    sizes = trace.sizes
    chosen = np.array([purchase.source for purchase in trace.purchases])
    n_overlap = np.array([purchase.overlap.sum() for purchase in trace.purchases])
    unknown = np.full(len(sizes), np.nan)
    true = unknown if shop.true is None else np.cumsum(sizes * shop.true[chosen]) / np.cumsum(sizes)
    columns = {
        "policy": trace.policy,
        "round": np.arange(1, len(sizes) + 1),
        "source": [shop.names[source] for source in chosen],
        "n": sizes,
        "n_overlap": n_overlap,
        "density": np.cumsum(n_overlap) / np.cumsum(sizes),
        "true_density": true,
        "cost": np.cumsum(trace.costs(shop)),
        "regret": np.cumsum(trace.regret(shop, shop.detected)),
        "true_regret": unknown if shop.true is None else np.cumsum(trace.regret(shop, shop.true)),
        "accuracy": accuracy,
    }
    return pd.DataFrame(columns)
