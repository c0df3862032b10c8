"""From the command line to jobs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from w2s.cli.command import options_first, read_command
from w2s.cli.errors import UserError, stop, wants_traceback
from w2s.cli.overrides import check_command
from w2s.cli.paths import conf_folder
from w2s.cli.shared_choices import offer_shared_choices
from w2s.errors import W2SError

log = logging.getLogger(__name__)

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""
ONLY_SHOWS = ("help", "hydra_help", "version", "cfg", "info", "shell_completion")


@hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="config")
def job(config: DictConfig) -> float | None:
    """One job, in whatever process the launcher starts it."""
    from w2s.cli.job import run_job

    try:
        return run_job(config)
    except Exception as error:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            raise failed(error) from error
        if isinstance(error, UserError):
            stop(error)
        raise


def failed(error: Exception) -> UserError:
    """A job's failure: told in its own log, and as plain text so that it can travel between processes."""
    if isinstance(error, UserError):
        log.error("failed: %s", error)
        return error
    log.error("failed", exc_info=error)
    return UserError(f"{type(error).__name__}: {error}")


def run_command_line() -> None:
    """Check the whole command, then hand it to Hydra."""
    try:
        command = read_command(sys.argv[1:])
        sys.argv[1:] = options_first(sys.argv[1:], command.overrides)
        offer_shared_choices(command.config_dir and Path(command.config_dir).absolute())
        if not any(getattr(command, name, None) for name in ONLY_SHOWS):
            check_command(
                command.overrides,
                multirun=command.multirun,
                config_dir=command.config_dir,
                name=command.config_name or "config",
            )
    except W2SError as error:
        stop(error)
    logging.raiseExceptions = False  # a reader of the output that has left, such as `head`, stops no run
    try:
        job()
    except KeyboardInterrupt:
        if wants_traceback():
            raise
        sys.stderr.write("w2s: interrupted. What is finished is kept; the same command of a sweep takes up from there.\n")
        sys.exit(INTERRUPTED)
