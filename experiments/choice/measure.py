"""Spread picks, and how many true labels the default detector's choice needs.

    python experiments/choice/measure.py OUT strong_model.checkpoint=MINILM study.settings.sst2.dataset.path=DATA/sst2 ...

The settings and seeds are those of `study=picks_locked`; other overrides follow the folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from hydra.types import RunMode
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from w2s.cli.configuration.build import build_study
from w2s.cli.configuration.compose import session
from w2s.detector import ValidatedDetector
from w2s.pool.pool import PreparedPool
from w2s.protocols import FittedDetector, Learner
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.study.picks import PickComparison
from w2s.study.subsets import Uniform, correctness_on_test, largest_balanced, overlap_subset
from w2s.types import BoolArray, Evidence, FloatArray, IntArray, KnownLabels, Region
from w2s.utils.progress import track

DRAWS = 8
OFFERED = 0.8
"""Share of the candidates that each draw of a spread pick is offered, so that draws differ."""
DIMENSIONS = 32
LABELS = (25, 50, 100, 200, 400, 800, 1600)
SUBSETS = 40


@dataclass(frozen=True)
class Spread:
    """Points that cover the candidates in the strong representation, of cosines."""

    candidates: IntArray
    features: FloatArray
    """(n, d) of length 1."""
    how: str

    def sample(self, allowed: BoolArray, size: int, draw: np.random.Generator) -> IntArray | None:
        """`size` of the allowed candidates."""
        open_to = draw.permutation(self.candidates[allowed[self.candidates]])
        if size > len(open_to):
            return None
        open_to = open_to[: max(size, int(OFFERED * len(open_to)))]
        return open_to[np.array(list(getattr(self, self.how)(self.features[open_to], size, draw)))]

    def cells(self, features: FloatArray, size: int, draw: np.random.Generator) -> Iterator[int]:
        """A random point of each of `size` k-means cells."""
        low = PCA(min(DIMENSIONS, *features.shape), random_state=0).fit_transform(features)
        cell = KMeans(size, n_init=1, max_iter=20, random_state=int(draw.integers(2**31))).fit_predict(low)
        taken = [int(draw.choice(np.flatnonzero(cell == k))) for k in np.unique(cell)]
        rest = np.setdiff1d(np.arange(len(features)), taken)
        yield from [*taken, *draw.permutation(rest)[: size - len(taken)].tolist()]

    def facility(self, features: FloatArray, size: int, draw: np.random.Generator) -> Iterator[int]:  # noqa: ARG002
        """Greedy facility location: the sum over all points of the similarity to the nearest chosen one."""
        similar = np.maximum(features @ features.T, 0.0)
        covered, gone = np.zeros(len(similar)), np.zeros(len(similar), dtype=bool)
        for _ in range(size):
            gains = np.maximum(similar, covered[:, None]).sum(axis=0)
            best = int(np.argmax(np.where(gone, -np.inf, gains)))
            covered, gone[best] = np.maximum(covered, similar[:, best]), True
            yield best

    def determinant(self, features: FloatArray, size: int, draw: np.random.Generator) -> Iterator[int]:  # noqa: ARG002
        """Greedy points of the largest determinant of I / 10 + cosines (L. Chen, G. Zhang, H. Zhou, 2018)."""
        kernel = features @ features.T + 0.1 * np.eye(len(features))
        left, rows = np.diag(kernel).copy(), np.zeros((size, len(features)))
        for k in range(size):
            best = int(np.argmax(left))
            rows[k] = (kernel[best] - rows[:k, best] @ rows[:k]) / np.sqrt(left[best])
            left = left - rows[k] ** 2
            left[best] = -np.inf
            yield best


@dataclass
class Remembered:
    """What weak_train's labels tell, of some of its points only; students are trained once."""

    known: KnownLabels
    rows: IntArray | None = None
    _right: BoolArray | None = field(default=None, init=False)

    def trial(self, picks: Sequence[Evidence]) -> BoolArray:
        """(P, m) of the chosen points."""
        if self._right is None:
            self._right = self.known.trial(picks)
        return self._right if self.rows is None else self._right[:, self.rows]


@dataclass(frozen=True)
class Already:
    """A detector that has been fitted."""

    fitted: FittedDetector
    features: str = "frozen"

    def fit(self, evidence: Evidence, probe: Learner) -> FittedDetector:  # noqa: ARG002
        """Nothing to do."""
        return self.fitted


def spread(prepared: PreparedPool, size: int) -> Iterator[dict[str, object]]:
    """Accuracy of students on each kind of picks of overlap points, and of all confident ones; right labels among them."""
    strong = prepared.evidence.strong
    features = strong / np.maximum(np.linalg.norm(strong, axis=1, keepdims=True), 1e-12)
    right = prepared.target_classes == prepared.splits.pool.labels.open("label accuracy of picks")
    sides = {"overlap": (Region.OVERLAP,), "non_hard": (Region.EASY, Region.OVERLAP)}
    for side, regions in sides.items():
        members = prepared.partition.members(*regions)
        kinds = {"random": Uniform(members)} | {
            how: Spread(members, features, how) for how in ("cells", "facility", "determinant")
        }
        for how, sampler in kinds.items():
            subset = replace(overlap_subset(prepared), sampler=sampler)
            draws = [generator(prepared.seed, "choice", side, how, k) for k in range(DRAWS)]
            picks = [subset.sample(size, draw, balanced=True) for draw in draws]
            hits = correctness_on_test(prepared, subset, picks)
            yield {
                "from": side, "how": how, "size": size, "accuracy": float(np.mean(hits)),
                "labels": float(np.mean([right[pick].mean() for pick in picks])),
            }  # fmt: skip


def needed(prepared: PreparedPool, seed: int, gain: float) -> Iterator[dict[str, object]]:
    """How often the choice falls on the picks, by the number of true labels that it looks at."""
    assert prepared.evidence.known is not None
    known = Remembered(prepared.evidence.known)
    evidence = replace(prepared.evidence, known=known)
    fitted = prepared.detector.fit(prepared.evidence, prepared.learners.probe)
    detector = ValidatedDetector(candidates={"picks": Already(fitted)})
    whole = detector.fit(evidence, prepared.learners.probe).trials[0]
    m = 0 if known._right is None else known._right.shape[1]
    for labels in [n for n in (*LABELS, m) if 0 < n <= m]:
        taken = []
        for k in range(1 if labels == m else SUBSETS):
            known.rows = generator(seed, "choice", "labels", labels, k).permutation(m)[:labels]
            taken.append(detector.fit(evidence, prepared.learners.probe).chosen is not None)
        share = float(np.mean(taken))
        yield {"labels": labels, "all": labels == m, "taken": share, "gain": gain, "on_weak_train": whole.gain}


def main(out: Path, overrides: Sequence[str]) -> None:
    """Write spread.csv and labels.csv."""
    with session() as hydra:
        words = ["model=minilm", "study=picks_locked", *overrides]
        study = build_study(hydra.config_loader.load_configuration("config", words, RunMode.RUN))
    assert isinstance(study, PickComparison)
    spreads, labels = [], []
    for name, recipe in study.settings.items():
        for seed in track(range(study.seed, study.seed + study.seeds), name):
            prepared = replace(recipe, seed=seed, detector=study.detectors["noise_matched"]).prepare(Recorder(quiet=True))
            classes = prepared.target_classes[prepared.partition.members(Region.OVERLAP)]
            size = largest_balanced(classes, prepared.n_classes, at_most=int(study.share * len(prepared.evidence)))
            found = pd.DataFrame(spread(prepared, size)).assign(setting=name, seed=seed)
            accuracy = found.set_index(["from", "how"])["accuracy"]
            gain = float(accuracy["overlap", "random"] - accuracy["non_hard", "random"])
            spreads.append(found)
            labels.append(pd.DataFrame(needed(prepared, seed, gain)).assign(setting=name, seed=seed))
    out.mkdir(parents=True, exist_ok=True)
    pd.concat(spreads).to_csv(out / "spread.csv", index=False)
    pd.concat(labels).to_csv(out / "labels.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
