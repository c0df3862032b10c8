"""study=apply on feature rows: rows a second beside a plain pandas loop with the same models, and memory as files grow.

OMP_NUM_THREADS=1 python benchmarks/apply.py [rows, 1000000] [rows of the large file, 10000000; 0 leaves it out]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from w2s.dataset.new_files import NewFiles
from w2s.results.recorder import Recorder
from w2s.store import Store
from w2s.study.apply import Apply
from w2s.study.apply.models import load_models
from w2s.types import Evidence, Inputs
from w2s.utils.threads import limited

FEATURES, GROUP, SMALL = 10, 100_000, 100_000


def points(n: int, seed: int) -> pd.DataFrame:
    """Rows of two sources: four columns that the weak model reads, six that it does not."""
    draw = np.random.default_rng(seed)
    label, kind = draw.integers(0, 2, n), draw.integers(0, 3, n)
    values = draw.normal(size=(n, FEATURES))
    values[:, :4] += (2 * label - 1)[:, None] * 0.7 * (kind != 1)[:, None]
    values[:, 4:] += (2 * label - 1)[:, None] * 0.7 * (kind != 0)[:, None]
    frame = pd.DataFrame(values, columns=[f"x{k}" for k in range(FEATURES)])
    return frame.assign(id=np.arange(n), source=np.where(kind == 0, "a", "b"), label=label)


def write(path: Path, n: int) -> None:
    """A parquet file of `n` rows without labels, written group by group."""
    writer = None
    for start in range(0, n, GROUP):
        frame = points(min(GROUP, n - start), seed=1 + start // GROUP).drop(columns="label")
        frame["id"] += start
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def plain(run: Path, path: Path, output: Path) -> None:
    """Read a row group, ask the models, write the answers: what one would do by hand."""
    models, names, writer = load_models(run / "fitted", (), Store()), [f"x{k}" for k in range(FEATURES)], None
    opened = pq.ParquetFile(path)
    for k in range(opened.num_row_groups):
        frame = opened.read_row_group(k).to_pandas()
        inputs = Inputs(features=frame[names].to_numpy(dtype=np.float64))
        read, strong = models.weak_model.read(inputs), models.student.read(inputs)
        weak, student = models.weak_model.fitted.predict(read), models.student.fitted.predict(strong)
        assert strong.features is not None
        evidence = Evidence(strong.features, models.weak_model.fitted.represent(read), weak)
        found = models.detector.partition(evidence)
        said = {"weak": weak.argmax(axis=1), "student": student.argmax(axis=1), "region": found.regions}
        said |= {"confidence": found.confidence, "score": found.score}
        said |= {f"p_{c}": weak[:, c] for c in range(2)} | {f"student_p_{c}": student[:, c] for c in range(2)}
        table = pa.Table.from_pandas(frame[["id", "source"]].assign(**said), preserve_index=False)
        writer = writer or pq.ParquetWriter(output, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def ours(run: Path, path: Path, output: Path) -> None:
    """study=apply, in one part."""
    study = Apply(fitted=str(run), rows=NewFiles(path=str(path)), output=str(output))
    study.check()
    study.run(Recorder(quiet=True))


def measured(way: str, run: Path, path: Path, output: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of processor time and peak memory in MB of a process of its own, imports included."""
    start = time.perf_counter()
    command = [sys.executable, __file__, way, str(run), str(path), str(output)]
    cpu, peak = ended(subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}))
    return time.perf_counter() - start, cpu, peak


def ended(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Processor seconds and peak memory in MB of a process that ends well."""
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, "the process failed"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def fit(folder: Path) -> Path:
    """A run on 6,000 points."""
    points(6_000, 0).to_parquet(folder / "old.parquet")
    names = "[" + ",".join(f"x{k}" for k in range(FEATURES)) + "]"
    table = [f"dataset.path={folder / 'old.parquet'}", "dataset.source=source", f"dataset.features={names}"]
    settings = ["study=transfer", "dataset=table", *table, "detector=noise_matched", "tracker=none", "figures=false"]
    command = [sys.executable, "-m", "w2s.main", *settings, f"hydra.run.dir={folder / 'run'}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "run"


def main(rows: int, many: int) -> None:
    """Both ways on the same rows in this run, then memory of `SMALL` and of `many` rows."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = fit(folder)
        write(folder / "rows.parquet", rows)
        for way in ("plain", "ours", "plain", "ours"):
            told(way, rows, *measured(way, run, folder / "rows.parquet", folder / f"{way}-{time.time_ns()}"))
        for n in (SMALL, many) if many else ():
            write(folder / f"{n}.parquet", n)
            told("ours", n, *measured("ours", run, folder / f"{n}.parquet", folder / f"out-{n}"))


def told(way: str, n: int, wall: float, cpu: float, peak: float) -> None:
    """One line."""
    print(f"{way:>6} {n:>12,} rows {n / wall:>9,.0f} rows/s {n / cpu:>9,.0f} rows/cpu s {peak:>6,.0f} MB", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] in (["plain"], ["ours"]):
        with limited(1):
            (plain if sys.argv[1] == "plain" else ours)(*map(Path, sys.argv[2:]))
    else:
        rows, many = [*map(int, sys.argv[1:]), *(1_000_000, 10_000_000)[len(sys.argv) - 1 :]]
        main(rows, many)
