"""One job: check, build, run, write."""

from __future__ import annotations

import contextlib
import logging
import re
from pathlib import Path
from typing import Any

from filelock import FileLock
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from w2s.cli.build import build
from w2s.cli.errors import UserError, wants_traceback
from w2s.cli.plain import plain, without_hydra
from w2s.cli.readiness import ready
from w2s.cli.rerun import rerun_command
from w2s.cli.signature import signature
from w2s.cli.study import study_nodes
from w2s.cli.tree import show_config
from w2s.errors import StoreError, W2SError
from w2s.results.files import FIGURES, FITTED, PAGE, ended_run, write_results
from w2s.results.recorder import Recorder
from w2s.results.schema import RunIdentity, RunResults
from w2s.store.fitted import save_fitted
from w2s.utils.files import write_text
from w2s.utils.threads import limited

NAMING = ("dataset", "detector", "policy")
"""Choices that name a setting, where the study uses them."""

COUNTER = ".attempt"
"""File in a run's folder with the number of its latest attempt."""

REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")
"""An interpolation of another node, by its dotted path."""

log = logging.getLogger(__name__)


def run_job(config: DictConfig) -> float | None:
    """Run the configured study in its folder; a finished run of a sweep is left as it is.

    Returns:
        The gain, where the study measures one: what a hyper-parameter sweeper optimises.

    Raises:
        UserError: a person's mistake, after it was written to `results.json`.
    """
    hydra = HydraConfig.get()
    if config.show_config:
        show_config(config, hydra.runtime.choices)
    if config.dryrun:
        log.info("a dry run: the configuration is in order; nothing was run")
        return None
    folder = Path(hydra.runtime.output_dir)
    with FileLock(folder / ".lock"):
        known = ended_run(folder)
        if known is not None and known.ok:
            if not config.resume:
                raise UserError(finished_already(folder))
            log.info("already finished, nothing to do: %s", folder)
            if draws_figures(config) and not (folder / PAGE).exists():
                show(folder, known, drawn=True)
            return known.metrics.get("gain")
        try:
            return _run(config, folder, attempt=next_attempt(folder))
        except W2SError as error:
            if wants_traceback():
                raise
            raise UserError(str(error)) from error
        except MemoryError as error:
            if wants_traceback():
                raise
            raise UserError(f"The memory of this machine is too small: {error}\nTake fewer points or features.") from error


def finished_already(folder: Path) -> str:
    """Why a finished run is not run again."""
    return f"{folder} holds a finished run, and results are never overwritten.\nSay resume=true to skip it, or move it."


def next_attempt(folder: Path) -> int:
    """1 for the first attempt in this folder; attempts that were killed count, since trackers have seen them."""
    attempt = attempts(folder) + 1
    write_text(folder / COUNTER, str(attempt))
    return attempt


def attempts(folder: Path) -> int:
    """How many attempts have begun in this folder."""
    counter = folder / COUNTER
    written = counter.read_text(encoding="utf-8", errors="replace") if counter.exists() else ""
    return int(written) if written.isdecimal() else 0


def _run(config: DictConfig, folder: Path, *, attempt: int) -> float | None:
    study = ready(config)
    run = identify(config, attempt)
    tracker = build(config.tracker, **tracker_arguments(run, folder))
    with tracker:
        recorder = Recorder(tracker)
        try:
            with limited(config.threads):
                study.run(recorder)
        except BaseException as error:
            write_results(folder, run, recorder, error)
            raise
        fitted = save_models(folder, recorder) if keeps_fitted(config) else []
        show(folder, write_results(folder, run, recorder, fitted=fitted), drawn=draws_figures(config))
        tracker.log({name: value for name, value in recorder.metrics.items() if value is not None})
        for name, frame in recorder.tables.items():
            tracker.table(name, frame)
        for path in sorted((folder / FIGURES).glob("*.png")):
            tracker.image(f"figures/{path.stem}", path)
    log.info("done: %s", folder)
    return recorder.metrics.get("gain")


def identify(config: DictConfig, attempt: int) -> RunIdentity:
    """Who this run is, from its configuration and Hydra's choices."""
    hydra = HydraConfig.get()
    choices = hydra.runtime.choices
    values = plain(config)
    known = referred(config)
    used = [group for group in NAMING if choices.get(group) and group in known]
    idle = set(NAMING) - set(used)
    return RunIdentity(
        study=str(choices.get("study")),
        experiment=choices.get("experiment"),
        signature=signature(config),
        seed=config.seed,
        attempt=attempt,
        setting=config.setting or " ".join(choices[group] for group in used),
        config=values,
        overrides=list(hydra.overrides.task),
        command=rerun_command(hydra.overrides.task, hydra, sweep=hydra.mode == RunMode.MULTIRUN),
        choices={group: choice for group, choice in choices.items() if not group.startswith("hydra") and group not in idle},
    )


def referred(config: DictConfig) -> set[str]:
    """Root nodes that the study refers to as `${node}`, also by way of other nodes.

    A detector that stands in a study of many by itself is no reference: there it is one among others.
    """
    tree: Any = OmegaConf.to_container(without_hydra(config), resolve=False)
    found: set[str] = set()
    waiting = list(study_nodes(tree))
    while waiting:
        paths = set(REFERENCE.findall(str(node_at(tree, waiting.pop())))) - found
        found |= paths
        waiting += paths
    return {path.split(".")[0] for path in found}


def node_at(tree: Any, path: str) -> Any:
    """The node at a dotted path, or the interpolation on the way there."""
    for key in path.split("."):
        if not isinstance(tree, dict):
            return tree
        tree = tree.get(key)
    return tree


def tracker_arguments(run: RunIdentity, folder: Path) -> dict[str, Any]:
    """What every tracker is told about the run."""
    return {
        "folder": folder,
        "name": f"{run.experiment or run.study} {run.setting} s{run.seed}",
        "group": run.signature,
        "run_id": f"{run.signature}-{run.seed}-{run.attempt}",
        "job_type": run.study,
        "setting": run.setting,
        "config": run.config,
    }


def draws_figures(config: DictConfig) -> bool:
    """Whether the run ends with its figures and page: single runs do, jobs of a sweep when asked."""
    return is_single() if config.figures is None else bool(config.figures)


def keeps_fitted(config: DictConfig) -> bool:
    """Whether the run leaves what it fitted: single runs do, jobs of a sweep when asked."""
    return is_single() if config.keep_fitted is None else bool(config.keep_fitted)


def is_single() -> bool:
    """Whether this is no job of a sweep."""
    return HydraConfig.get().mode == RunMode.RUN


def save_models(folder: Path, recorder: Recorder) -> list[Path]:
    """Write what the run fitted; its files. What cannot be saved is noted, as the results do not depend on it."""
    files: list[Path] = []
    for name, value in recorder.models.items():
        try:
            files += save_fitted(folder / FITTED, name, value)
        except StoreError as error:
            recorder.note(str(error))
    return files


def show(folder: Path, results: RunResults, *, drawn: bool) -> None:
    """Print the result, of a sweep's job only if it is `drawn`: with its figures and its page."""
    from w2s.report import print_result, write_run_report

    if drawn or is_single():
        page = write_run_report(folder) if drawn else None
        with contextlib.suppress(SystemExit):  # so rich ends a program whose reader has left, but the run goes on
            print_result(results.json(), page)
