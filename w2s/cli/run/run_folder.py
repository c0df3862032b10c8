"""Where a run writes, and what lies there already."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.cli.configuration.signature import signature
from w2s.errors import ConfigError, DataError, require
from w2s.results.files import RESULTS, ended_run
from w2s.results.progress import COUNTER, attempts
from w2s.results.schema import FORMAT, RunResults
from w2s.utils.files import read_json, write_text
from w2s.utils.reading import reading

LONGEST_NAME = 255
"""Bytes of a file's name, on every usual file system."""


def check_output(config: DictConfig, *, multirun: bool) -> None:
    """Refuse a folder for results that cannot be made or written; a name that only the job knows is left to it.

    Raises:
        ConfigError: naming the setting, and what stands in the way.
    """
    setting = "hydra.sweep.dir" if multirun else "hydra.run.dir"
    try:
        given = str(OmegaConf.select(config, setting, throw_on_missing=True) or "")
    except OmegaConfBaseException:
        return
    require(given != "", f"{setting} is empty: name a folder, or leave the setting out.")
    folder = nearest = Path(given).absolute()
    check_names(setting, folder)
    try:
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
        is_file = f"{nearest} is a file, so no folder can be made there"
        require(nearest.is_dir(), f"{setting}={folder}: {is_file}. Name another folder.")
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        reason = f"nothing can be written in {nearest} ({error.strerror})"
        raise ConfigError(f"{setting}={folder}: {reason}. Name another folder.") from error


def check_names(setting: str, folder: Path) -> None:
    """Refuse a path with a name that no file system takes.

    Raises:
        ConfigError: naming the setting.
    """
    for name in folder.parts:
        require(len(os.fsencode(name)) <= LONGEST_NAME, f"{setting}: a name of {len(name)} letters is too long: {name}")


def folder_of_job(config: DictConfig) -> Path | None:
    """The run folder of a sweep's job; None where it depends on what only the job knows."""
    try:
        places = [OmegaConf.select(config, f"hydra.sweep.{key}", throw_on_missing=True) for key in ("dir", "subdir")]
    except OmegaConfBaseException:
        return None
    folder = Path(*map(str, places)).absolute()
    check_names("hydra.sweep.subdir", folder)
    return folder


def known_results(folder: Path) -> RunResults | None:
    """The results that lie in a folder; None where no run has ended there, or one that is damaged.

    Raises:
        ConfigError: an earlier version of the package left its results there.
    """
    refuse_earlier(folder / RESULTS)
    return ended_run(folder)


def refuse_earlier(path: Path) -> None:
    """Refuse results of an earlier version: they would be overwritten, and do not go with those of this one.

    Raises:
        ConfigError: naming the folder.
    """
    known = None
    with suppress(DataError), reading("damaged", DataError):
        known = read_json(path)
    if isinstance(known, dict) and "signature" in known and known.get("format") != FORMAT:
        raise ConfigError(f"{path.parent} holds a run of another version of w2s. Name another folder, or move it.")


def is_finished(known: RunResults, folder: Path, config: DictConfig) -> bool:
    """Whether the results in `folder` are those that `config` asks for.

    Raises:
        ConfigError: they are of another setting or seed, or are not to be skipped.
    """
    if not known.ok:
        return False
    asked = (signature(config), config.seed)
    if (known.signature, known.seed) != asked:
        raise ConfigError(
            f"{folder} holds a finished run of another setting: {known.signature}, seed {known.seed}; asked for is "
            f"{asked[0]}, seed {asked[1]}.\nResults are never overwritten: name another folder, or none."
        )
    require(
        config.resume,
        f"{folder} holds a finished run, and results are never overwritten.\nSay resume=true to skip it, or move it.",
    )
    return True


def next_attempt(folder: Path) -> int:
    """1 for the first attempt in this folder; attempts that were killed count, since trackers have seen them."""
    attempt = attempts(folder) + 1
    write_text(folder / COUNTER, str(attempt))
    return attempt
