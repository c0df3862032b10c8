"""Policies against settings, thousands of runs side by side: regret with its tails, beside what theory promises.

A setting's rewards are Bernoulli, or drawn without replacement from finite sources. The overlap a policy is told of may be
what a detector with known error rates would report, while regret is always counted in true densities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge, MinLen

from w2s.errors import require
from w2s.identity import identity
from w2s.protocols import BanditProblem, Policy, PolicyMaker
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.study.arena.regret_bounds import explicit_bound, lai_robbins, minimax_rate
from w2s.study.policies import check_policy
from w2s.types import BoolArray, FloatArray, IntArray, Sealed
from w2s.utils.progress import track
from w2s.utils.ranges import Count, CountOrZero, Seed, Share, Steps, checked, require_room

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95, "q99": 0.99}


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Setting:
    """K sources and a horizon."""

    densities: Annotated[tuple[Share, ...], MinLen(1)]
    """(K,) true overlap densities."""
    batch: Count
    """m, points drawn a round."""
    rounds: Steps = 50
    """T."""
    later: tuple[tuple[Share, ...], ...] = ()
    """(K,) true densities of each further period: sources drift in steps, and all periods have T / (1 + periods) rounds."""
    sizes: tuple[CountOrZero, ...] | None = None
    """(K,) points of each source, drawn without replacement; None for sources without end."""
    false_positive: tuple[Share, ...] | None = None
    """(K,) share of the other points that the detector takes for overlap; None for a detector without error."""
    false_negative: tuple[Share, ...] | None = None
    """(K,) share of the overlap points that the detector misses."""

    def __post_init__(self) -> None:
        k = len(self.densities)
        require(not (self.later and self.sizes), "later and sizes: sources that drift have no end. Leave one of them out.")
        require(len(self.later) < self.rounds, f"later holds {len(self.later)} periods for {self.rounds} rounds.")
        named = {name: getattr(self, name) for name in ("false_positive", "false_negative", "sizes")}
        for name, values in [*named.items(), *(("later", period) for period in self.later)]:
            fits = values is None or len(values) == k
            require(fits, f"{name}={values}: one is needed for each of the {k} sources.")
        if self.sizes is not None:
            wanted = self.batch * self.rounds
            message = f"sizes={list(self.sizes)}: {sum(self.sizes)} points for {self.rounds} rounds of {self.batch}."
            require(sum(self.sizes) >= wanted, message + f"\nGive at least {wanted} in all.")

    @property
    def truth(self) -> FloatArray:
        """(K,) true densities, of the first period."""
        return np.array(self.densities)

    @property
    def truth_by_round(self) -> FloatArray:
        """(T, K) true densities."""
        periods = np.array([self.densities, *self.later])
        return periods[np.arange(self.rounds) * len(periods) // self.rounds]

    @property
    def detected(self) -> FloatArray:
        """(K,) densities that a detector reports in the mean, of the first period."""
        return self.reported(self.truth)

    def reported(self, truth: FloatArray) -> FloatArray:
        """(..., K) what a detector reports in the mean of true densities: a + (1 - a - b) o with error rates a and b."""
        a = np.array(self.false_positive or np.zeros(len(self.densities)))
        b = np.array(self.false_negative or np.zeros(len(self.densities)))
        return np.asarray(a + (1 - a - b) * truth)


class Rewards:
    """What R runs draw from a setting's sources, whatever the policy.

    From one without end the i-th draw is the same, and where sources drift the draw of a round.
    """

    def __init__(self, setting: Setting, repetitions: int, draw: np.random.Generator) -> None:
        k = len(setting.densities)
        self.batch, self.draw, self.finite = setting.batch, draw, setting.sizes is not None
        self.pulls = np.zeros((repetitions, k), dtype=np.int64)
        self.drifts = bool(setting.later)
        if setting.sizes is None:
            shape = (setting.rounds, repetitions, k)
            self.table = draw.binomial(setting.batch, setting.reported(setting.truth_by_round)[:, None], size=shape).astype(
                np.int32
            )
        else:
            sizes = np.array(setting.sizes)
            self.overlap = np.tile(np.rint(sizes * setting.detected).astype(np.int64), (repetitions, 1))
            self.rest = np.tile(sizes, (repetitions, 1)) - self.overlap

    @property
    def available(self) -> BoolArray:
        """(R, K) which sources still hold points."""
        return self.overlap + self.rest > 0 if self.finite else np.ones(self.pulls.shape, dtype=bool)

    def take(self, source: IntArray) -> tuple[IntArray, IntArray]:
        """(R,) detected overlap and (R,) points of a round at sources (R,)."""
        runs = np.arange(len(source))
        if not self.finite:
            drawn = self.table[self.pulls[runs, source], runs, source]
            self.pulls[(runs, source) if not self.drifts else slice(None)] += 1  # what drifts is drawn by round
            return drawn, np.full(len(source), self.batch)
        good, bad = self.overlap[runs, source], self.rest[runs, source]
        n = np.minimum(good + bad, self.batch)
        n_overlap = self.draw.hypergeometric(good, bad, n)
        self.overlap[runs, source] -= n_overlap
        self.rest[runs, source] -= n - n_overlap
        return n_overlap, n


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Arena:
    """Every policy on every setting, `repetitions` runs each."""

    policies: Mapping[str, PolicyMaker]
    settings: Mapping[str, Setting]
    repetitions: Annotated[Steps, Ge(2)] = 2_000
    """R."""
    seed: Seed = 0
    points_of_curve: Steps = 100
    """Rounds that the curves keep, evenly spaced."""

    def __post_init__(self) -> None:
        require(bool(self.policies) and bool(self.settings), "The arena needs at least one policy and one setting.")
        for name, setting in self.settings.items():
            numbers = self.repetitions * setting.rounds * len(setting.densities)
            require_room(numbers, f"study.settings.{name}: {self.repetitions:,} runs of {setting.rounds:,} rounds")
        for maker in self.policies.values():
            check_policy(maker)

    def run(self, recorder: Recorder) -> None:
        """Run every pair; `arena.parquet` has the final regrets, `curve.parquet` the way there."""
        import pandas as pd

        pairs = [(setting, policy) for setting in self.settings for policy in self.policies]
        with recorder.stage("arena"):
            for setting, policy in track(pairs, "arena", unit="pair"):
                regret = self.simulate(setting, policy)
                final = summary(regret[-1])
                recorder.table("arena", pd.DataFrame([{"setting": setting, "policy": policy, **final}]))
                recorder.table("curve", self._curve(setting, policy, regret))
                recorder.record({f"arena/{setting}/{policy}": final["regret"], f"arena/{setting}/{policy}/sd": final["sd"]})

    def simulate(self, setting: str, policy: str) -> FloatArray:
        """(T, R) cumulative true regret by round: the round's densest source that still holds points minus the chosen one.

        Policies never share a random stream, and all meet the same rewards.
        """
        chosen = self.settings[setting]
        rewards = Rewards(chosen, self.repetitions, generator(self.seed, "arena", setting, "rewards"))
        problem = BanditProblem(
            n_sources=len(chosen.densities),
            rounds=chosen.rounds,
            batch=chosen.batch,
            generator=generator(self.seed, "arena", setting, "policy", policy),
            true_density=Sealed(chosen.truth),
            repetitions=self.repetitions,
        )
        gaps = np.stack(list(_gaps(self.policies[policy](problem), rewards, chosen)))
        return np.cumsum(gaps, axis=0)

    def _curve(self, setting: str, policy: str, regret: FloatArray) -> pd.DataFrame:
        import pandas as pd

        chosen = self.settings[setting]
        kept = np.unique(np.linspace(1, chosen.rounds, self.points_of_curve).astype(int))
        rows = [{"round": int(t), **summary(regret[t - 1])} for t in kept]
        k, truth = len(chosen.densities), chosen.truth
        frame = pd.DataFrame(rows).assign(setting=setting, policy=policy)
        if chosen.later:  # the bounds are about sources that stay as they are
            return frame.assign(lai_robbins=np.nan, minimax=np.nan, explicit=np.nan)
        return frame.assign(
            lai_robbins=[lai_robbins(truth, rounds=int(t), batch=chosen.batch) for t in kept],
            minimax=[minimax_rate(k, rounds=int(t)) for t in kept],
            explicit=[explicit_bound(k, rounds=int(t), horizon=chosen.rounds) for t in kept],
        )


def _gaps(policy: Policy, rewards: Rewards, setting: Setting) -> Iterator[FloatArray]:
    """(R,) regret of each round."""
    for truth in setting.truth_by_round:
        available = rewards.available
        source = policy.select(available)
        policy.update(source, *rewards.take(source))
        yield np.where(available, truth, -np.inf).max(axis=1) - truth[source]


def summary(regret: FloatArray) -> dict[str, float]:
    """Mean, standard deviation, median and tails of (R,) regrets."""
    quantiles = zip(QUANTILES, np.quantile(regret, list(QUANTILES.values())).tolist(), strict=True)
    return {"regret": float(regret.mean()), "sd": float(regret.std(ddof=1)), **dict(quantiles)}
