"""Finished and failed runs, read from disk: plain JSON and parquet, nothing else."""

from __future__ import annotations

import logging
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError, require
from w2s.results.files import RESULTS, read_results

if TYPE_CHECKING:
    import pandas as pd

BEGUN = ".hydra"

log = logging.getLogger(__name__)

SETTINGS_APART = (
    "seed",
    "setting",
    "resume",
    "figures",
    "tags",
    "show_config",
    "dryrun",
    "threads",
    "allow_targets",
    "store",
)
GROUPS_APART = ("tracker", "launcher", "hparams_search", "hydra")
"""Root nodes outside a run's signature, whose overrides tell no setting from another."""


@dataclass(frozen=True)
class Run:
    """One run's folder and what it says of itself."""

    folder: Path
    results: Mapping[str, Any]
    """The content of `results.json`; of a run that never ended, its status and overrides alone."""

    @property
    def ok(self) -> bool:
        """Whether the run ended well."""
        return bool(self.results["status"] == "ok")

    @property
    def command(self) -> str:
        """What makes this run again, on its own."""
        return shlex.join(["python", "-m", "w2s.main", *self.results.get("overrides", ())])


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
    """The run in `folder`; one without a `results.json` has the status `unfinished`.

    Raises:
        DataError: its `results.json` is damaged.
    """
    results = read_results(folder)
    if results is None:
        why = "it was killed, or is still running"
        return Run(folder, {"status": "unfinished", "error": why, "overrides": _overrides(folder)})
    return Run(folder, results.json())


def _overrides(folder: Path) -> list[str]:
    import yaml

    path = folder / BEGUN / "overrides.yaml"
    return [str(override) for override in yaml.safe_load(path.read_text()) or ()] if path.is_file() else []


def read_runs(folders: Iterable[Path]) -> Iterator[Run]:
    """The runs at or below `folders`, one at a time; one with damaged results is named in the log and left out."""
    for folder in find_runs(folders):
        try:
            yield read_run(folder)
        except DataError as error:
            log.warning("%s; the run is left out.", error)


def load_results(*folders: str | Path) -> pd.DataFrame:
    """One row per run at or below `folders`: who it is, how it ended, its seconds, and a column per metric.

    Undefined metrics are NaN. `setting` names what distinguishes a setting from the others; the seeds of one setting share
    it, and their `signature`.

    Raises:
        DataError: a folder does not exist, or holds no run.
    """
    frame = tabulate(read_runs(Path(folder) for folder in folders), root=Path(folders[0]) if folders else Path())
    require(len(frame) > 0, f"no run in {', '.join(map(str, folders))}: a run's folder holds {RESULTS}.", DataError)
    return frame


def tabulate(runs: Iterable[Run], *, root: Path) -> pd.DataFrame:
    """The table of `load_results`; `run` is the folder's path relative to `root`."""
    import pandas as pd

    rows = [_row(run, root) for run in runs]
    frame = pd.DataFrame(rows)
    return frame.assign(setting=setting_names(frame)) if len(frame) else frame


def _row(run: Run, root: Path) -> dict[str, Any]:
    results = run.results
    metrics = {name: float("nan") if value is None else value for name, value in results.get("metrics", {}).items()}
    return {
        "run": os.path.relpath(run.folder, root),
        "folder": str(run.folder),
        "status": results["status"],
        "study": results.get("study"),
        "experiment": results.get("experiment"),
        "setting": results.get("setting") or "",
        "dataset": results.get("choices", {}).get("dataset") or "",
        "signature": results.get("signature"),
        "seed": results.get("seed"),
        "attempt": results.get("attempt"),
        "seconds": sum(results.get("seconds", {}).values()),
        "error": results.get("error"),
        "command": run.command,
        "overrides": tuple(results.get("overrides", ())),
        "commit": (results.get("git") or {}).get("commit"),
        **metrics,
    }


def is_idle(override: str) -> bool:
    """Whether an override sets nothing that a result could depend on."""
    return re.split(r"[.=@]", override.lstrip("+~"), maxsplit=1)[0] in SETTINGS_APART + GROUPS_APART


def setting_names(frame: pd.DataFrame) -> list[str]:
    """A name per row that is the same for all seeds of a setting and differs between settings.

    Where settings share the name they gave themselves, the overrides that differ between them are added.
    """
    names: dict[Any, str] = {}
    for setting, rows in frame.groupby("setting", sort=False):
        settings = rows.drop_duplicates("signature")
        sets = [{each for each in overrides if not is_idle(each)} for overrides in settings["overrides"]]
        shared = set.intersection(*sets)
        for signature, overrides, mine in zip(settings["signature"], settings["overrides"], sets, strict=True):
            own = [each for each in overrides if each in mine - shared]
            extra = " ".join(own) if len(sets) > 1 else ""
            names[setting, signature] = f"{setting} {extra}".strip()
    taken: dict[str, Any] = {}
    for (setting, signature), name in names.items():
        if taken.setdefault(name, signature) != signature:
            names[setting, signature] = f"{name} ({signature})"
    return [names[key] if key in names else key[0] for key in zip(frame["setting"], frame["signature"], strict=True)]
