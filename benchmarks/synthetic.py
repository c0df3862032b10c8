"""All fits of figure 1 in batches against a plain scikit-learn loop over the same data, both in this run, on one thread.

OMP_NUM_THREADS=1 python benchmarks/synthetic.py [runs of the plain loop]
"""

from __future__ import annotations

import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression

from w2s.results.recorder import Recorder
from w2s.study.synthetic import Synthetic

RUNS = 500


def plain(study: Synthetic, run: int) -> list[float]:
    """One run as a loop over levels draws and fits it; the student's accuracy at each level."""
    draw = np.random.default_rng(run)
    theta = draw.uniform(size=2 * study.d)
    accuracies = []
    for level in study.levels:
        sizes = (study.easy, study.hard, level)
        (x, y), (pool, _), (test, truth) = (sample(draw, theta, sizes, study) for _ in range(3))
        weak = LogisticRegression(C=1.0, fit_intercept=False).fit(x[:, : study.d], y)
        ceiling = LogisticRegression(C=1.0, fit_intercept=False).fit(x, y)
        overlap = pool[study.easy + study.hard :]
        labels = weak.predict(overlap[:, : study.d])
        ends = np.cumsum(sizes)[:-1]
        for model, rows in ((weak, test[:, : study.d]), (ceiling, test)):
            [np.mean(part) for part in np.split(model.predict(rows) == truth, ends)]
        if labels.min() != labels.max():
            student = LogisticRegression(C=study.C).fit(overlap, labels)
            accuracies.append(float(np.mean(student.predict(test) == truth)))
    return accuracies


def sample(
    draw: np.random.Generator, theta: np.ndarray, sizes: tuple[int, int, int], study: Synthetic
) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2 d) and classes (n,), easy-only first, then hard-only, then overlap."""
    y = draw.integers(2, size=sum(sizes))
    x = (2 * y - 1)[:, None] * theta + draw.normal(scale=np.sqrt(study.variance), size=(len(y), len(theta)))
    x[: sizes[0], study.d :] = 0
    x[sizes[0] : sizes[0] + sizes[1], : study.d] = 0
    return x, y


def main(plain_runs: int) -> None:
    """Print processor seconds of both ways for all runs, and their ratio."""
    study = Synthetic(runs=RUNS)
    Synthetic(runs=1).run(Recorder())  # libraries are loaded late; neither way pays for that here
    plain(study, 0)
    start = time.process_time()
    study.run(Recorder())
    ours = time.process_time() - start
    start = time.process_time()
    for run in range(plain_runs):
        plain(study, run)
    theirs = (time.process_time() - start) * RUNS / plain_runs
    print(
        f"{RUNS} runs x {len(study.levels)} levels: batched {ours:.1f} s, plain loop {theirs:.0f} s (from {plain_runs} runs)"
    )
    print(f"ratio {theirs / ours:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
