"""The published selection loop, incremental against plain: T = 50 rounds, a pool of 5,000, soft labels, one thread.

Plain: each round everything bought is concatenated, detected and fitted by scikit-learn from scratch. Both follow the
released rules of detection, and both fits stop at a relative gradient of 1e-6. Times are of the CPU.

    python benchmarks/selection_loop.py            about five minutes of one core; --quick for d = 512 alone
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from w2s.detector import SimilarityDetector
from w2s.detector.change_point import ReleasedChangePoint
from w2s.model import LogisticProbe
from w2s.statistics.accuracy import confidence
from w2s.types import Evidence, Inputs, Region

N, N_TEST, ROUNDS, BATCH, L2 = 5_000, 2_000, 50, 37, 1e-3
SHARE = 0.4
"""Of the pool, overlap and hard points each; the rest is easy."""


@dataclass(frozen=True)
class Pool:
    """A pool of activations with soft weak labels, and test points with true labels."""

    evidence: Evidence
    test: Inputs
    labels: np.ndarray


def make_pool(d: int, *, correlated: bool, seed: int = 0) -> Pool:
    """Two planted patterns in isotropic noise, or in noise with a spectrum of 1 / k turned at random."""
    draw = np.random.default_rng(seed)
    scale = np.sqrt(1 / np.arange(1, d + 1)) if correlated else np.ones(d)
    scale *= np.sqrt(d / np.sum(scale**2))
    turn = np.linalg.qr(draw.normal(size=(d, d)))[0]
    easy, hard = draw.normal(size=(2, d)) / np.sqrt(d)
    y = draw.integers(2, size=N + N_TEST)
    kind = draw.choice(3, size=N + N_TEST, p=[1 - 2 * SHARE, SHARE, SHARE])
    signal = np.outer((2 * y - 1) * (kind != 1), easy) + np.outer((2 * y - 1) * (kind != 0), hard)
    features = (3 * signal + (draw.normal(size=(N + N_TEST, d)) * scale) @ turn).astype(np.float32)
    strength = np.where(kind == 1, 0.2, 2.5) * (2 * y - 1) + draw.normal(size=N + N_TEST)
    p = 1 / (1 + np.exp(-strength))
    probabilities = np.stack([1 - p, p], axis=1)
    evidence = Evidence(features[:N], np.zeros((N, 1)), probabilities[:N])
    return Pool(evidence, Inputs(features=features[N:]), y[N:])


def released() -> SimilarityDetector:
    """The released source-selection module's detector."""
    split = ReleasedChangePoint(fallback="median")
    return SimilarityDetector(kernel="product", aggregate="max", hard_ties="not_hard", threshold=split, hard_threshold=split)


def incremental(pool: Pool, batches: list[np.ndarray]) -> tuple[list[np.ndarray], list[float], np.ndarray]:
    """Regions of each batch, test accuracy of each round, last weights."""
    inputs = Inputs(features=pool.evidence.strong)
    follower, growing = released().online(), LogisticProbe(l2=L2).incremental(inputs, pool.evidence.probabilities)
    assert growing is not None, "two classes on features as they are"
    regions, accuracy, bought = [], [], np.zeros(0, dtype=int)
    for batch in batches:
        regions.append(follower.add(pool.evidence.take(batch)).regions)
        bought = np.append(bought, batch)
        fitted = growing.fit(bought)
        accuracy.append(float(np.mean(fitted.predict(pool.test).argmax(axis=1) == pool.labels)))
    return regions, accuracy, fitted.weights


def plain(pool: Pool, batches: list[np.ndarray], tolerance: float) -> tuple[list[np.ndarray], list[float], np.ndarray]:
    """The same, everything anew each round."""
    detector, evidence = released(), pool.evidence
    regions, accuracy = [], []
    for t in range(1, len(batches) + 1):
        hard, rest = [], []
        for batch in batches[:t]:
            c = confidence(evidence.probabilities[batch])
            is_hard = c < detector.hard_threshold.split(c)
            hard.append(evidence.strong[batch[is_hard]])
            rest.append(evidence.strong[batch[~is_hard]])
        scores = (np.concatenate(rest) @ np.concatenate(hard).T).max(axis=1)
        overlap = scores >= detector.threshold.split(scores)
        found = np.where(is_hard, int(Region.HARD), int(Region.EASY))
        found[~is_hard] = np.where(overlap[len(overlap) - len(rest[-1]) :], int(Region.OVERLAP), int(Region.EASY))
        regions.append(found)
        bought = np.concatenate(batches[:t])
        features, targets = evidence.strong[bought].astype(np.float64), evidence.probabilities[bought]
        model = LogisticRegression(C=1 / (2 * L2 * len(bought)), tol=tolerance, max_iter=100_000)
        rows, classes = np.concatenate([features, features]), np.repeat([0, 1], len(bought))
        model.fit(rows, classes, sample_weight=np.concatenate([targets[:, 0], targets[:, 1]]))
        predicted = model.predict(pool.test.features.astype(np.float64))
        accuracy.append(float(np.mean(predicted == pool.labels)))
    return regions, accuracy, np.append(model.coef_[0], model.intercept_)


def relative_gradient(pool: Pool, bought: np.ndarray, weights: np.ndarray, bias: float) -> float:
    """Length of the gradient over that at zero weights."""
    x, t = pool.evidence.strong[bought].astype(np.float64), pool.evidence.probabilities[bought, 1]

    def length(w: np.ndarray, b: float) -> float:
        residual = 1 / (1 + np.exp(-x @ w - b)) - t
        return float(np.hypot(np.linalg.norm(x.T @ residual + 2 * L2 * len(x) * w), residual.sum()))

    return length(weights, bias) / length(np.zeros(x.shape[1]), 0.0)


def tolerance_for(pool: Pool, bought: np.ndarray) -> float:
    """scikit-learn's `tol` bounds the largest entry of the mean loss's gradient: 1e-6 of the whole one's length at zero."""
    x, t = pool.evidence.strong[bought].astype(np.float64), pool.evidence.probabilities[bought, 1]
    residual = (0.5 - t) / len(x)
    length = np.hypot(np.linalg.norm(x.T @ residual), residual.sum())
    return float(1e-6 * length / np.sqrt(x.shape[1] + 1) * 2)


def compare(d: int, *, correlated: bool) -> None:
    """One row of the table."""
    pool = make_pool(d, correlated=correlated)
    order = np.random.default_rng(1).permutation(N)
    batches = [order[t * BATCH : (t + 1) * BATCH] for t in range(ROUNDS)]
    bought = np.concatenate(batches)
    start = time.process_time()
    regions, accuracy, weights = incremental(pool, batches)
    fast = time.process_time() - start
    start = time.process_time()
    plain_regions, plain_accuracy, plain_weights = plain(pool, batches, tolerance_for(pool, bought))
    slow = time.process_time() - start
    same = all(np.array_equal(a, b) for a, b in zip(regions, plain_regions, strict=True))
    apart = float(np.abs(np.array(accuracy) - plain_accuracy).max())
    gradient = relative_gradient(pool, bought, plain_weights[:-1], plain_weights[-1])
    kind = "correlated" if correlated else "isotropic"
    print(
        f"{d:>5} {kind:>11} {slow:>8.2f} s {fast:>8.2f} s {slow / fast:>6.1f}x  partitions {'same' if same else 'DIFFER'}  "
        f"accuracies within {apart:.4f}  last {accuracy[-1]:.3f}  plain gradient {gradient:.1e}  "
        f"weights within {np.abs(weights - plain_weights[:-1]).max():.1e}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="d = 512 alone")
    dimensions = (512,) if parser.parse_args().quick else (512, 4_096)
    print("    d  activations      plain  incremental")
    with threadpool_limits(1):
        for d in dimensions:
            for correlated in (False, True):
                compare(d, correlated=correlated)


if __name__ == "__main__":
    main()
