"""The closed-form change point against `ruptures.Binseg(jump=1)` on sorted values, both in this run, on one thread.

python benchmarks/change_point.py [n]
"""

from __future__ import annotations

import sys
import time

import numpy as np
import ruptures

from w2s.detector.change_point import split_index

REPEATS = 50


def seconds(work: object, repeats: int) -> float:
    """Fastest of `repeats`."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main(n: int) -> None:
    """Print both times and their ratio."""
    ordered = np.sort(np.random.default_rng(0).normal(size=n))
    ours, theirs = split_index(ordered), []
    theirs_seconds = seconds(
        lambda: theirs.append(ruptures.Binseg(model="l2", jump=1, min_size=1).fit(ordered).predict(n_bkps=1)[0]), 1
    )
    ours_seconds = seconds(lambda: split_index(ordered), REPEATS)
    print(f"n = {n:,}: index {ours} and {theirs[0]}")
    print(
        f"closed form {1e6 * ours_seconds:.0f} us, ruptures {theirs_seconds:.2f} s: {theirs_seconds / ours_seconds:,.0f} x"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
