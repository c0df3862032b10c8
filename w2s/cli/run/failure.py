"""A run that failed: its error, which may travel between processes, and the command that runs it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from hydra.conf import HydraConf
from hydra.errors import CompactHydraException
from omegaconf import DictConfig


class UserError(CompactHydraException):
    """What went wrong in a job, as plain text: printed without a traceback, and a sweep goes on with its other jobs."""


def rerun_command(overrides: Sequence[str], hydra: HydraConf | DictConfig, *, sweep: bool) -> str:
    """The command of one run; of a sweep's job, the one that runs it in the same folder.

    Args:
        overrides: the run's own.
        hydra: Hydra's node of the configuration, with its overrides and the folders that configurations come from.
        sweep: whether the run is a job of a sweep.
    """
    folders = [source.path for source in hydra.runtime.config_sources if source.provider == "command-line"]
    extra = [part for folder in folders for part in ("--config-dir", folder)]
    own = [override for override in hydra.overrides.hydra if not override.startswith("hydra.mode=")]
    return shlex.join(["python", "-m", "w2s.main", *extra, *(["-m"] if sweep else []), *own, *overrides])
