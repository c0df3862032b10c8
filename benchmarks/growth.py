"""Time and memory as data grow: n synthetic points of each role through study=full, n feature rows through study=apply.

OMP_NUM_THREADS=1 python benchmarks/growth.py [points, 10000 100000 1000000] [-- rows, 100000 1000000 10000000]

Each run is a process of its own, imports included. Rows a second of `apply` are those of one process on one thread.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from apply import ended, fit, measured, write

POINTS, ROWS = (10_000, 100_000, 1_000_000), (100_000, 1_000_000, 10_000_000)


def full(n: int, folder: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak MB of the default study on n points of each role: 40 % easy, 40 % hard."""
    blocks = [f"dataset.easy={2 * n // 5}", f"dataset.hard={2 * n // 5}", f"dataset.overlap={n - 2 * (2 * n // 5)}"]
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


def main(points: list[int], rows: list[int]) -> None:
    """A line for each number of points and of rows."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for n in points:
            told("study=full", n, *full(n, folder / f"full-{n}"))
        run = fit(folder) if rows else folder
        for n in rows:
            write(folder / "rows.parquet", n)
            told("study=apply", n, *measured("ours", run, folder / "rows.parquet", folder / f"out-{n}"))


if __name__ == "__main__":
    given = " ".join(sys.argv[1:]).partition("--")
    numbers = [[int(word) for word in part.split()] for part in (given[0], given[2])]
    main(numbers[0] or ([] if numbers[1] else list(POINTS)), numbers[1] or ([] if numbers[0] else list(ROWS)))
