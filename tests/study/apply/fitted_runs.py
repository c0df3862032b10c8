"""Small runs on a table, with what they leave in `fitted/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from w2s.dataset.new_files import NewFiles
from w2s.dataset.table import Table
from w2s.detector import MeanCosine
from w2s.model import Columns, LogisticProbe, Model, Raw
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.store.fitted import save_fitted
from w2s.study import OnPool
from w2s.study.apply import Apply
from w2s.study.transfer import Transfer


def table(n: int = 1_203, seed: int = 0) -> pd.DataFrame:
    """Points of three kinds, in eight columns, each kind a source; a date and a label."""
    draw = np.random.default_rng(seed)
    kind, label = draw.integers(0, 3, n), draw.integers(0, 2, n)
    values = draw.normal(size=(n, 8))
    values[:, :3] += (2 * label - 1)[:, None] * 0.9 * (kind != 1)[:, None]
    values[:, 3:6] += (2 * label - 1)[:, None] * 0.9 * (kind != 0)[:, None]
    frame = pd.DataFrame(values, columns=[f"x{k}" for k in range(8)])
    frame.insert(0, "key", [f"k{seed}-{i}" for i in range(n)])
    created = pd.Timestamp("2026-10-20") + pd.to_timedelta(np.arange(n) % 30, unit="D")
    return frame.assign(source=np.array(["a", "b", "c"])[kind], created=created, label=np.array(["no", "yes"])[label])


def leave_run(
    folder: Path, frame: pd.DataFrame, detector: Any = None, weak_model: Any = None, **dataset: Any
) -> tuple[Path, Recorder]:
    """Run transfer on the table and leave what it fitted; the run's folder, and what it found."""
    frame.to_parquet(folder / "old.parquet")
    settings = {"source": "source", "id": "key", "features": "x*", **dataset}
    recipe = Preparation(
        dataset=Table(path=str(folder / "old.parquet"), **settings),
        weak_model=weak_model or Model(Columns(stop=3), LogisticProbe()),
        strong_model=Model(Raw(), LogisticProbe(scale="standard")),
        detector=detector or MeanCosine(),
    )
    recorder = Recorder(quiet=True)
    OnPool(recipe, (Transfer(controls=False),)).run(recorder)
    for name, value in recorder.models.items():
        save_fitted(folder / "run" / "fitted", name, value)
    return folder / "run", recorder


def applied(run: Path, path: Path, output: Path, **settings: Any) -> Recorder:
    """Apply the run to the files at `path`; what was found."""
    rows = settings.pop("rows", {})
    study = Apply(fitted=str(run), rows=NewFiles(path=str(path), **rows), output=str(output), **settings)
    study.check()
    recorder = Recorder(quiet=True)
    study.run(recorder)
    return recorder


def answers(output: Path) -> pd.DataFrame:
    """All parts, one after the other."""
    return pd.concat([pd.read_parquet(part) for part in sorted(output.glob("part-*.parquet"))], ignore_index=True)
