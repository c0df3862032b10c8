"""Whether a run can leave its results where it is told to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.errors import ConfigError


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
    if not given:
        raise ConfigError(f"{setting} is empty: name a folder, or leave the setting out.")
    folder = Path(given).absolute()
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise ConfigError(f"{setting}={folder}: {nearest} is a file, so no folder can be made there. Name another folder.")
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise ConfigError(
            f"{setting}={folder}: nothing can be written in {nearest} ({error.strerror}). Name another folder."
        ) from error
