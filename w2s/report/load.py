"""Finished and failed runs, read from disk: plain JSON and parquet, nothing else."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError, require
from w2s.report.naming import CHOICES, setting_names
from w2s.results.files import RESULTS, read_results, read_table
from w2s.results.metric import Metrics
from w2s.results.schema import RunResults
from w2s.utils.files import read_text
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import pandas as pd

BEGUN = ".hydra"
YAML_BYTES = 100_000
"""Larger files of Hydra are not read: YAML takes a second for as much."""
FACTS = {
    "points_weak_train": "points/weak_train",
    "points_pool": "points/pool",
    "points_validation": "points/validation",
    "points_test": "points/test",
    "class_balance": "class balance",
    "sources": "sources",
}
"""Column of `load_results` -> fact of the run."""
OF_RESULTS = ("status", "study", "experiment", "setting", "dataset", "signature", "seed", "attempt", "error")
"""Columns of `load_results` that are fields of a run's results."""
CHECKPOINTS = {"weak_checkpoint": "weak_model", "strong_checkpoint": "strong_model"}
"""Column of `load_results` -> node of the configuration that may name a checkpoint."""
COLUMNS = (
    *("run", "folder", "status", "study", "experiment", "setting", "dataset", *CHOICES, *CHECKPOINTS, *FACTS),
    *("signature", "seed", "attempt", "seconds", "error", "command", "overrides", "commit"),
)
"""Columns of `load_results` that are no metrics."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """One run's folder and what it left there."""

    folder: Path
    results: RunResults | None
    """None of a run that never ended."""
    begun: Mapping[str, Any] = field(default_factory=dict)
    """What Hydra noted of a run that never ended: its overrides and its own node of the configuration."""

    @property
    def ok(self) -> bool:
        """Whether the run ended well."""
        return self.results is not None and self.results.ok

    @property
    def ended(self) -> RunResults:
        """The results of a run that ended."""
        assert self.results is not None, "only runs that ended are asked for what they found"
        return self.results

    @property
    def metrics(self) -> Metrics:
        """The flat metrics; none of a run that never ended."""
        return {} if self.results is None else self.results.metrics

    @property
    def command(self) -> str:
        """What makes this run again, in its place."""
        if self.results is not None:
            return self.results.command
        sweep = ["-m"] if self.begun.get("mode") == "MULTIRUN" else []
        return shlex.join(["python", "-m", "w2s.main", *sweep, *map(str, self.begun.get("overrides", ()))])

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of the run; None where it left none, or one that is damaged, which the log then names."""
        try:
            return None if self.results is None else read_table(self.folder, self.results, name)
        except DataError as error:
            log.warning("%s; it is left out.", error)
            return None


def find_runs(folders: Iterable[Path]) -> list[Path]:
    """Folders of runs at or below `folders`, in order of their names; a run's own subfolders are not searched.

    Raises:
        DataError: one of `folders` does not exist.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        require(folder.is_dir(), f"{folder}: no such folder. Give a run's folder, or one that holds runs.", DataError)
        for path, below, files in os.walk(folder):
            below.sort()
            if RESULTS in files or BEGUN in below:
                found[Path(path)] = None
                below.clear()
    return list(found)


def read_run(folder: Path) -> Run:
    """The run in `folder`.

    Raises:
        DataError: its `results.json` is damaged.
    """
    results = read_results(folder)
    return Run(folder, results, _begun(folder) if results is None else {})


def _begun(folder: Path) -> Mapping[str, Any]:
    """What Hydra wrote before the run began, as far as it can be read."""
    import yaml

    with suppress(DataError), reading(f"{folder / BEGUN}: nothing that Hydra wrote", DataError):
        overrides = yaml.safe_load(read_text(folder / BEGUN / "overrides.yaml", max_bytes=YAML_BYTES))
        node = yaml.safe_load(read_text(folder / BEGUN / "hydra.yaml", max_bytes=YAML_BYTES))
        own = [each for each in node["hydra"]["overrides"]["hydra"] if not each.startswith("hydra.mode=")]
        return {"mode": node["hydra"]["mode"], "overrides": [*own, *overrides]}
    return {}


def read_runs(folders: Iterable[Path]) -> Iterator[Run]:
    """The runs at or below `folders`, one at a time; one with damaged results is named in the log and left out."""
    for folder in find_runs(folders):
        try:
            yield read_run(folder)
        except DataError as error:
            log.warning("%s; the run is left out.", error)


def load_results(*folders: str | Path) -> pd.DataFrame:
    """One row per run at or below `folders`: who it is, what it ran on, how it ended, and a column per metric.

    The columns that are no metrics are `COLUMNS`. Undefined metrics are NaN. `setting` names what distinguishes a setting
    from the others; the seeds of one setting share it, and their `signature`.

    Raises:
        DataError: a folder does not exist, or holds no run.
    """
    paths = [Path(folder) for folder in folders]
    return tabulate(read_runs(paths), paths)


def tabulate(runs: Iterable[Run], folders: Sequence[Path]) -> pd.DataFrame:
    """The table of `load_results` of the runs in `folders`; `run` is a folder's path relative to the first of these."""
    import pandas as pd

    frame = pd.DataFrame([_row(run, folders[0]) for run in runs])
    require(len(frame) > 0, f"no run in {', '.join(map(str, folders))}: a run's folder holds {RESULTS}.", DataError)
    return frame.assign(setting=setting_names(frame))


def metric_columns(runs: pd.DataFrame) -> list[str]:
    """The columns of `load_results` that are metrics with a value."""
    return [name for name in map(str, runs) if name not in COLUMNS and runs[name].notna().any()]


def _row(run: Run, root: Path) -> dict[str, Any]:
    place = {"run": os.path.relpath(run.folder, root), "folder": str(run.folder), "command": run.command}
    results = run.results
    if results is None:
        why = "it was killed, or is still running"
        return {**dict.fromkeys(COLUMNS), **place, "status": "unfinished", "error": why, "setting": "", "overrides": ()}
    metrics = {name: float("nan") if value is None else value for name, value in results.metrics.items()}
    return {
        **metrics,
        **dict.fromkeys(COLUMNS),
        **place,
        **{name: getattr(results, name) for name in OF_RESULTS},
        **{group: results.choices.get(group) for group in CHOICES},
        **{column: _checkpoint(results.config.get(node)) for column, node in CHECKPOINTS.items()},
        **{column: results.facts.get(fact) for column, fact in FACTS.items()},
        "seconds": sum(results.seconds.values()),
        "overrides": tuple(results.overrides),
        "commit": (results.git or {}).get("commit"),
    }


def _checkpoint(node: Any) -> str | None:
    """The checkpoint that a model's node of the configuration names, if any."""
    return node.get("checkpoint") if isinstance(node, dict) else None
