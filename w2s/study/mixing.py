"""Does overlap help? Students on training subsets of equal size with 0 to 100 % overlap points, beside every control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from w2s.errors import require
from w2s.identity import identity
from w2s.pool.notes import without_truth
from w2s.pool.pool import PreparedPool
from w2s.pool.summary import keep_by_test_point
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.intervals import crossed
from w2s.statistics.pgr import ends
from w2s.study.subsets import (
    ORACLES,
    OVERLAP,
    TrainingSubset,
    control_subsets,
    correctness_on_test,
    full_subset,
    largest_balanced,
    overlap_subset,
    share_subset,
)
from w2s.types import BoolArray, Region
from w2s.utils.progress import track
from w2s.utils.ranges import Fits, Share, checked

SHARES = tuple(k / 10 for k in range(11))
GAIN = ("mixing/gain", "mixing/gain/low", "mixing/gain/high")
FULL: Literal["full_balanced"] = "full_balanced"
Control = Literal["random", "random_non_hard", "most_confident", "easy", "accuracy_matched", "true_labels", "gold"]
Subset = Literal[Control, "full_balanced"]
CONTROLS: tuple[Control, ...] = get_args(Control)
FEWEST = 8
"""Fewest points to train on that a comparison makes sense with."""
TOO_FEW = "fewer such points than the other subsets train on"
UNEQUAL = f"the weak model gives the {{}} points too unequal classes for {FEWEST} balanced picks"


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Mixing:
    """Students on N = min(overlap, others) points, k = round(N p) of them overlap (paper, section 5.1), and controls.

    N is `preparation.largest_fit` at most.

    Every subset has equally many points and is drawn `draws` times; its accuracy is the mean over draws. Balanced subsets
    take equally many points of each class the weak model gives. `mixing/gain` is overlap minus random non-hard, both
    balanced, with a crossed interval over draws x test points.
    """

    draws: Fits = 8
    """Draws of each random subset."""
    shares: tuple[Share, ...] = SHARES
    """Of overlap points, in tenths: those of the curve."""
    subsets: tuple[Subset, ...] = (*CONTROLS, FULL)
    """What else students train on. `mixing/gain` needs `random_non_hard`; each costs twice `draws` fits."""
    rounding: Literal["exact", "released"] = "exact"
    """`released` trains on int(N p) + int(N (1 - p)) points, as the public code does, which can be N - 1."""

    def __post_init__(self) -> None:
        odd = [share for share in self.shares if share not in SHARES]
        require(not odd, f"mixing.shares: {odd} are no tenths; choose among 0.0, 0.1 ... 1.0.")

    @property
    def fits(self) -> int:
        """Each share and control, the controls and the overlap points also balanced."""
        controls = len([name for name in self.subsets if name != FULL])
        return self.draws * (len(self.shares) + 2 * controls + 1 + (FULL in self.subsets))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric of the study but its size."""
        names = [name for name in CONTROLS if name in self.subsets]
        return (
            *(f"mixing/{name}" for name in (*(f"{p:.1f}" for p in self.shares), *self.subsets)),
            *(f"mixing/{name}/balanced" for name in (OVERLAP, *names)),
            *GAIN,
        )

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record the curve and the controls, or why there is none."""
        overlap = prepared.kept_among(prepared.partition.members(Region.OVERLAP))
        others = prepared.kept_among(prepared.partition.members(Region.EASY, Region.HARD))
        size = min(len(overlap), len(others), prepared.largest_fit)
        recorder.record({"mixing/size": float(size)})
        if size < FEWEST:
            reason = f"{len(overlap)} overlap and {len(others)} other points: each side needs at least {FEWEST}"
            recorder.skip("mixing", reason, metrics=self.metrics)
            return
        with recorder.stage("mixing"):
            evaluation = _Evaluation(prepared, recorder, self.draws)
            for share in track(self.shares, "mixing, shares"):
                n_overlap, total = self._counts(size, share)
                right = evaluation.measure(share_subset(prepared, share, n_overlap), total, share=share)
                recorder.step({"mixing/share": share, "mixing/accuracy": float(right.mean())}, round(10 * share))
            subsets = [subset for subset in control_subsets(prepared) if subset.name in self.subsets]
            if not prepared.has_truth:
                names = [name for name in ORACLES if name in self.subsets]
                without_truth(recorder, [f"mixing/{name}{end}" for name in names for end in ("", "/balanced")])
            for subset in track(subsets, "mixing, controls"):
                evaluation.measure(subset, size)
            self._balanced(evaluation, [overlap_subset(prepared), *subsets], size)
            if FULL in self.subsets:
                self._everything(evaluation)

    def _counts(self, size: int, share: float) -> tuple[int, int]:
        """Overlap points and all points at `share`."""
        if self.rounding == "released":
            return int(size * share), int(size * share) + int(size * (1 - share))
        return round(size * share), size

    def _balanced(self, evaluation: _Evaluation, subsets: list[TrainingSubset], size: int) -> None:
        """The overlap points and every control with equal classes, and the gain over the primary one."""
        prepared = evaluation.prepared
        overlap = prepared.target_classes[prepared.kept_among(prepared.partition.members(Region.OVERLAP))]
        size = largest_balanced(overlap, prepared.n_classes, at_most=size)
        if size < FEWEST:
            balanced = [name for name in self.metrics if name.endswith("/balanced")]
            evaluation.recorder.skip("balanced mixing", UNEQUAL.format("overlap"), metrics=(*balanced, *GAIN))
            return
        tracked = track(subsets, "mixing, balanced")
        right = {subset.name: evaluation.measure(subset, size, balanced=True, ending="/balanced") for subset in tracked}
        if "random_non_hard" not in right:
            evaluation.recorder.skip("mixing/gain", "study.subsets leaves out random_non_hard", metrics=GAIN)
            return
        difference = right[OVERLAP].astype(np.float64) - right["random_non_hard"]
        evaluation.recorder.record(ends("mixing/gain", crossed(difference[:, :, None]).interval()))
        keep_by_test_point(prepared, evaluation.recorder, "mixing_gain", difference)

    def _everything(self, evaluation: _Evaluation) -> None:
        """The largest part of the pool that has equal classes."""
        prepared = evaluation.prepared
        classes, n_classes = prepared.target_classes[prepared.kept_among()], prepared.n_classes
        size = largest_balanced(classes, n_classes, at_most=min(len(classes), prepared.largest_fit))
        if size < FEWEST:
            evaluation.recorder.skip(f"mixing/{FULL}", UNEQUAL.format("pool"), metrics=[f"mixing/{FULL}"])
        else:
            evaluation.measure(full_subset(prepared), size, balanced=True)


@dataclass(frozen=True)
class _Evaluation:
    """Trains and scores subsets."""

    prepared: PreparedPool
    recorder: Recorder
    draws: int

    def measure(
        self, subset: TrainingSubset, size: int, *, balanced: bool = False, ending: str = "", share: float | None = None
    ) -> BoolArray:
        """(draws, n) correctness on the test points; records the mean accuracy and the rows of the curve.

        Without enough points to pick from the subset is skipped, and there are no draws.
        """
        name, stream = f"mixing/{subset.name}{ending}", f"mixing/{subset.stream or subset.name}{ending}"
        draws = [generator(self.prepared.seed, stream, "draw", draw) for draw in range(self.draws)]
        picks = [pick for draw in draws if (pick := subset.sample(size, draw, balanced=balanced)) is not None]
        if len(picks) < self.draws:
            self.recorder.skip(name, TOO_FEW, metrics=[name])
            return np.zeros((0, len(self.prepared.splits.test)), dtype=np.bool_)
        right = correctness_on_test(self.prepared, subset, [np.sort(pick) for pick in picks])
        self.recorder.record({name: float(np.mean(right))})
        self._rows(name.removeprefix("mixing/"), size, share, right)
        return np.array(right)

    def _rows(self, control: str, size: int, share: float | None, right: list[BoolArray]) -> None:
        import pandas as pd

        accuracy = [float(each.mean()) for each in right]
        columns = {"share": share, "size": size, "control": control, "draw": range(len(right)), "accuracy": accuracy}
        self.recorder.table("curve", pd.DataFrame(columns).astype({"share": "float64"}))
