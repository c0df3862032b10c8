"""One job: check, build, run, write."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from w2s.cli.configuration.build import build, study_nodes
from w2s.cli.configuration.checks import ready
from w2s.cli.configuration.signature import signature
from w2s.cli.configuration.tree import plain, referred, shown
from w2s.cli.run.failure import UserError, rerun_command
from w2s.cli.run.run_folder import is_finished, known_results, next_attempt
from w2s.errors import StoreError, W2SError
from w2s.protocols import Tracker
from w2s.results.files import FIGURES, FITTED, is_drawn, write_results
from w2s.results.progress import LOCK
from w2s.results.recorder import Recorder
from w2s.results.schema import RunIdentity, RunResults, group_name
from w2s.store.fitted import save_fitted
from w2s.study import OnPool
from w2s.tracker.guarded import Guarded
from w2s.tracker.wandb import SYNC
from w2s.utils.optional import optional
from w2s.utils.processes import end_with_parent
from w2s.utils.progress import followed_by
from w2s.utils.threads import limited
from w2s.utils.writing import writing

NAMING = ("dataset", "learner", "loss", "refiner", "detector", "policy")
"""Choices that name a setting, where the study uses them and they are made."""

UNNAMED = ("refiner", "none")
"""A choice that is so unless one is made."""

log = logging.getLogger(__name__)


def run_one_of_many(config: DictConfig) -> float | None:
    """A job of a sweep, in whatever process the launcher starts it.

    Raises:
        UserError: whatever went wrong, as plain text so that it can travel between processes; the log has all of it.
    """
    SYNC.disabled = True  # the sweep says it once, at its end
    end_with_parent()
    try:
        with writing():
            return run_job(config)
    except W2SError as error:
        log.error("failed: %s", error)
        raise UserError(str(error)) from error
    except Exception as error:
        log.error("failed", exc_info=error)
        raise UserError(f"{type(error).__name__}: {error}") from error
    finally:
        SYNC.disabled = False


def run_job(config: DictConfig, study: Any = None) -> float | None:
    """Run the configured study in its folder; a finished run of the same setting and seed is left as it is.

    Args:
        config: the job's configuration.
        study: what `ready` has made of it; None: it is checked and built here.

    Returns:
        The gain, where the study measures one: what a hyper-parameter sweeper optimises.

    Raises:
        W2SError: a person's mistake, after it was written to `results.json`.
    """
    hydra = HydraConfig.get()
    if config.show_config:
        show_config(config)
    if config.dryrun:
        log.info("a dry run: the configuration is in order; nothing was run")
        return None
    folder = Path(hydra.runtime.output_dir)
    with FileLock(folder / LOCK):
        known = known_results(folder)
        if known is not None and is_finished(known, folder, config):
            log.info("already finished, nothing to do: %s", folder)
            if wanted(config.figures) and not is_drawn(folder):
                show(folder, known, drawn=True)
            return known.metrics.get("gain")
        try:
            return _run(config, study or ready(config), folder, attempt=next_attempt(folder))
        except MemoryError as error:
            raise W2SError(f"The memory of this machine is too small: {error}\nTake fewer points or features.") from error


def show_config(config: DictConfig) -> None:
    """Print the resolved configuration as a tree, each group with its choice."""
    from rich.console import Console

    values = plain(config)
    Console().print(shown(values, HydraConfig.get().runtime.choices, (*study_nodes(values), "tracker")))


def _run(config: DictConfig, study: Any, folder: Path, *, attempt: int) -> float | None:
    run = identify(config, attempt)
    if isinstance(study, OnPool) and wanted(config.figures):
        study = replace(study, look=build(config, "report"))
    with Guarded([build(config, "tracker", **tracker_arguments(run, folder))]) as tracker:
        recorder, told = Recorder(tracker), itertools.count()
        try:
            with limited(config.threads), followed_by(lambda numbers: tracker.log(numbers, next(told))):
                study.run(recorder)
        except BaseException as error:
            write_results(folder, run, recorder, error)
            raise
        fitted = save_models(folder, recorder) if wanted(config.keep_fitted) else []
        show(folder, write_results(folder, run, recorder, fitted=fitted), drawn=wanted(config.figures))
        tell(tracker, recorder, folder, texts=config.report.tracked)
    log.info("done: %s", folder)
    return recorder.metrics.get("gain")


def tell(tracker: Tracker, recorder: Recorder, folder: Path, *, texts: bool) -> None:
    """Hand everything that a finished run left to its tracker; points of the data in words only with `texts`."""
    from w2s.report.findings import run_findings

    tracker.log({name: value for name, value in recorder.metrics.items() if value is not None})
    tracker.note(" ".join(run_findings(recorder.metrics)))
    for name, frame in recorder.tables.items():
        if texts or name not in recorder.in_words:
            tracker.table(name, frame)
    for path in sorted((folder / FIGURES).glob("*.png")):
        tracker.image(f"figures/{path.stem}", path)


def identify(config: DictConfig, attempt: int) -> RunIdentity:
    """Who this run is, from its configuration and Hydra's choices."""
    hydra = HydraConfig.get()
    choices = hydra.runtime.choices
    used = [group for group in naming_groups(config) if choices.get(group)]
    idle = set(NAMING) - set(used)
    names = {**choices, "dataset": dataset_name(config.dataset, str(choices.get("dataset")), hydra.overrides.task)}
    return RunIdentity(
        study=str(choices.get("study")),
        experiment=choices.get("experiment"),
        signature=signature(config),
        seed=config.seed,
        attempt=attempt,
        setting=config.setting or " ".join(names[group] for group in used if (group, names[group]) != UNNAMED),
        dataset=names["dataset"] if "dataset" in used else "",
        config=plain(config),
        overrides=list(hydra.overrides.task),
        command=rerun_command(hydra.overrides.task, hydra, sweep=not is_single()),
        choices={group: choice for group, choice in choices.items() if not group.startswith("hydra") and group not in idle},
    )


def dataset_name(node: Mapping[str, Any], choice: str, overrides: Sequence[str]) -> str:
    """The data set's own name: the one it is given, that of the user's own file, folder or repository, or the choice.

    Args:
        node: the configuration of the data set.
        choice: of the group `dataset`.
        overrides: the run's own, which tell whose data a repository is.
    """
    if node.get("name"):
        return str(node["name"])
    repository = str(node.get("id") or "")
    if any(override.lstrip("+").startswith("dataset.id=") for override in overrides) and "/" in repository:
        return repository.rsplit("/", 1)[-1]
    return Path(str(node["path"])).stem if "name" in node and "/" not in repository and node.get("path") else choice


def naming_groups(config: DictConfig) -> list[str]:
    """The groups of `NAMING` that the study refers to.

    A detector that stands in a study of many by itself is no reference: there it is one among others.
    """
    found = {path.split(".")[0] for start in study_nodes(config) for path in referred(config, start)}
    return [group for group in NAMING if group in found]


def tracker_arguments(run: RunIdentity, folder: Path) -> dict[str, Any]:
    """What every tracker is told about the run."""
    return {
        "folder": folder,
        "name": f"{run.experiment or run.study} {run.setting} s{run.seed}",
        "group": group_name(run.setting, run.signature),
        "run_id": f"{run.signature}-{run.seed}-{run.attempt}",
        "job_type": run.study,
        "setting": run.setting,
        "config": run.config,
    }


def wanted(setting: bool | None) -> bool:  # noqa: FBT001
    """Whether the run leaves what `figures` or `keep_fitted` is about: where null, single runs do, jobs of a sweep not."""
    return is_single() if setting is None else setting


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
        page = optional("the page of the run", partial(write_run_report, folder)) if drawn else None
        with contextlib.suppress(SystemExit):  # so rich ends a program whose reader has left, but the run goes on
            optional("the table of the result", partial(print_result, results, page))
