"""Each candidate's trial on weak_train beside the worth of its picks on test points: what any rule of choice would come to.

    python experiments/choice/trials.py OUT.csv STUDY [override ...]

STUDY is `locked`, `confirmed` (gains as in study=picks) or `detection` (planted pools, picks as there).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from hydra.types import RunMode
from measure import DRAWS, Already

from w2s.cli.configuration.build import build_study
from w2s.cli.configuration.compose import session
from w2s.detector import ValidatedDetector
from w2s.pool.pool import PreparedPool
from w2s.protocols import FittedDetector
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.study.detection import Detection
from w2s.study.detection.evaluation import evaluate_detector
from w2s.study.picks import PickComparison
from w2s.study.subsets import Uniform, correctness_on_test, largest_balanced, overlap_subset
from w2s.types import Region
from w2s.utils.progress import track

CANDIDATES = ("noise_matched", "refined_belief")
FEWEST = 24


def gains(prepared: PreparedPool, fitted: dict[str, FittedDetector], share: float) -> dict[str, float]:
    """Of class-balanced random overlap points over as many random points that are not hard."""
    views = {
        name: replace(prepared, partition=each.partition(prepared.evidence), detector=Already(each))
        for name, each in fitted.items()
    }
    cap = int(share * len(prepared.evidence))
    able = {
        name: largest_balanced(
            view.target_classes[view.partition.members(Region.OVERLAP)], view.n_classes, at_most=cap
        )
        for name, view in views.items()
    }  # fmt: skip
    sizes = [n for n in able.values() if n >= FEWEST]
    if not sizes:
        return {}
    found = {}
    for name, view in views.items():
        members = {"overlap": (Region.OVERLAP,), "non_hard": (Region.EASY, Region.OVERLAP)}
        accuracy = {}
        for side, regions in members.items():
            subset = replace(overlap_subset(view), sampler=Uniform(view.partition.members(*regions)))
            draws = [generator(prepared.seed, "trials", name, side, k) for k in range(DRAWS)]
            picks = [pick for draw in draws if (pick := subset.sample(min(sizes), draw, balanced=True)) is not None]
            if picks:
                accuracy[side] = float(np.mean(correctness_on_test(view, subset, picks)))
        if len(accuracy) == len(members):
            found[name] = accuracy["overlap"] - accuracy["non_hard"]
    return found


def rows(study: PickComparison | Detection, name: str, seed: int) -> Iterator[dict[str, object]]:
    """A row for each candidate."""
    recipe = replace(study.settings[name], seed=seed, detector=study.detectors["noise_matched"])
    if isinstance(study, Detection):
        recipe = replace(recipe, data_seed=seed)
    recorder = Recorder(quiet=True)
    prepared = recipe.prepare(recorder)
    fitted = {"noise_matched": recorder.models["detector"]}
    fitted["refined_belief"] = study.detectors["refined_belief"].fit(prepared.evidence, prepared.learners.probe)
    stubs = {candidate: Already(fitted[candidate]) for candidate in CANDIDATES}
    chooser = ValidatedDetector(candidates=stubs).fit(prepared.evidence, prepared.learners.probe)
    common: dict[str, object] = {"setting": name, "seed": seed}
    if isinstance(study, Detection):
        assert prepared.splits.pool.planted is not None
        size = (
            int(np.sum(prepared.splits.pool.planted.open("number of picks") == Region.OVERLAP))
            or len(prepared.evidence) // 10
        )
        known = {name: study.detectors[name] for name in ("oracle", "random")} | stubs
        accuracy = {each: evaluate_detector(prepared, detector, size=size).accuracy for each, detector in known.items()}
        found = {each: accuracy[each] - accuracy["random"] for each in CANDIDATES}
        common |= {"oracle": accuracy["oracle"] - accuracy["random"]}
    else:
        found = gains(prepared, fitted, study.share)
    for trial in chooser.trials:
        yield common | {
            "candidate": trial.candidate, "size": trial.size, "trial": trial.gain, "error": trial.error,
            "gain": found.get(trial.candidate),
        }  # fmt: skip


def main(out: Path, study_name: str, overrides: Sequence[str]) -> None:
    """Write a row for each candidate, setting and seed."""
    with session() as hydra:
        model = [] if study_name == "detection" else ["model=minilm"]
        words = [*model, f"study={study_name}", *overrides]
        study = build_study(hydra.config_loader.load_configuration("config", words, RunMode.RUN))
    assert isinstance(study, PickComparison | Detection)
    found = []
    for name in study.settings:
        for seed in track(range(study.seed, study.seed + study.seeds), name):
            found += list(rows(study, name, seed))
        pd.DataFrame(found).to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
