"""Time and memory as data grow: n synthetic points of the pool, or of every role, in study=full; n rows in study=apply.

OMP_NUM_THREADS=1 python benchmarks/growth.py
OMP_NUM_THREADS=1 python benchmarks/growth.py pool 100000 1000000 10000000 roles 1000000 rows 10000000

Each run is a process of its own, imports included. Rows a second of `apply` are those of one process on one thread.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from apply import ended, fit, measured, write

UNTIL, OTHERS = 10_000_000, 5_000
GROWTH = {"pool": (10_000, UNTIL), "roles": (10_000, 1_000_000), "rows": (100_000, UNTIL)}
"""Smallest and largest n of a pool whose other roles hold `OTHERS` points, of all four roles, and of rows to apply to."""


def full(n: int, others: int, folder: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak MB of the default study on a pool of n points: 40 % easy, 40 % hard."""
    sizes = {"easy": 2 * n // 5, "hard": 2 * n // 5, "overlap": n - 2 * (2 * n // 5), "others": others}
    blocks = [f"dataset.{name}={size}" for name, size in sizes.items()]
    quiet = ["tracker=none", "figures=false", "keep_fitted=false", f"hydra.run.dir={folder}"]
    start = time.perf_counter()
    command = [sys.executable, "-m", "w2s.main", "study=full", "dataset=gaussian", *blocks, *quiet]
    cpu, peak = ended(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    return time.perf_counter() - start, cpu, peak


def told(what: str, n: int, wall: float, cpu: float, peak: float) -> None:
    """One line."""
    print(
        f"{what:>11} {n:>12,}  {wall:>7,.1f} s  {cpu:>7,.1f} cpu s  {n / cpu:>9,.0f} /cpu s  {peak / 1024:>6.2f} GB",
        flush=True,
    )


def main(wanted: dict[str, list[int]]) -> None:
    """A line for each n."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for n in wanted.get("pool", []):
            told("pool", n, *full(n, OTHERS, folder / f"pool-{n}"))
        for n in wanted.get("roles", []):
            told("every role", n, *full(n, n, folder / f"roles-{n}"))
        run = fit(folder) if "rows" in wanted else folder
        for n in wanted.get("rows", []):
            write(folder / "rows.parquet", n)
            told("rows", n, *measured("ours", run, folder / "rows.parquet", folder / f"out-{n}"))


if __name__ == "__main__":
    asked: dict[str, list[int]] = {}
    for word in sys.argv[1:]:
        if word in GROWTH:
            asked[word] = []
        else:
            asked[list(asked)[-1]].append(int(word))
    steps = {what: [10**k for k in range(4, 8) if low <= 10**k <= high] for what, (low, high) in GROWTH.items()}
    main(asked or steps)
