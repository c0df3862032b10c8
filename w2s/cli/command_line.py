"""The program's arguments, and what they ask for: to show something, a single run, or a sweep."""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any, NoReturn

from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from w2s.cli.configuration.compose import Loader, session
from w2s.cli.configuration.hydra_internals import Hydra, get_args_parser
from w2s.cli.configuration.overrides import check_choices, first_job, parse
from w2s.errors import ConfigError, W2SError, require, stop, wants_traceback
from w2s.utils.writing import writing

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""
MULTIRUN = "hydra.mode=MULTIRUN"
ONLY_SHOW = ("help", "hydra_help", "cfg", "info", "shell_completion")
"""Options that run nothing."""


def run_command_line() -> None:
    """Do what the arguments of the program say.

    What runs a job is imported once its command is right, so that a mistake is answered at once.
    """
    logging.raiseExceptions = False  # a reader of the output that has left, such as `head`, stops no run
    try:
        command = read_command(sys.argv[1:])
        with writing(), session(command.config_dir) as hydra:
            perform(command, hydra)
    except (W2SError, HydraException, OmegaConfBaseException) as error:
        stop(error)
    except KeyboardInterrupt:
        if wants_traceback():
            raise
        sys.stderr.write("w2s: interrupted. What is finished is kept; the same command of a sweep takes up from there.\n")
        sys.exit(INTERRUPTED)


def read_command(arguments: Sequence[str]) -> Namespace:
    """The options, and all `overrides` wherever they stand.

    Raises:
        ConfigError: an option that does not exist, lacks its value or does not go with another.
    """

    def refuse(message: str) -> NoReturn:
        raise ConfigError(f"{message[:1].upper()}{message[1:]}. The options: w2s --hydra-help.")

    parser = get_args_parser()
    parser.error = refuse  # type: ignore[method-assign]
    options, unknown = parser.parse_known_intermixed_args(list(arguments))
    for argument in unknown:
        bare = argument.lstrip("-")
        advice = f"A setting is written without dashes: {bare}" if "=" in bare else "A setting is written as key=value"
        raise ConfigError(f"{argument}: there is no such option.\n{advice}. The options: w2s --hydra-help.")
    for name in ("config_path", "experimental_rerun"):
        option = f"--{name.replace('_', '-')}"
        require(not getattr(options, name), f"{option}: w2s does without. Your own files: --config-dir FOLDER.")
    asked = [name for name in (*ONLY_SHOW, "run", "multirun") if getattr(options, name)]
    require(len(asked) <= 1, f"--{' and --'.join(asked)}: only one of them at a time.")
    require(not options.resolve or bool(options.cfg or options.help), "--resolve goes with --cfg or --help.")
    return options


def perform(command: Namespace, hydra: Hydra) -> None:
    """Show, run or sweep."""
    name = command.config_name or "config"
    if any(getattr(command, option) for option in ONLY_SHOW):
        show(command, name, hydra)
        return
    loader = hydra.config_loader
    assert isinstance(loader, Loader)
    parsed = parse(command.overrides, loader)
    check_choices(parsed, loader)
    if command.multirun or MULTIRUN in command.overrides:
        sweep(name, parsed, hydra, loader)
        return
    config = loader.keep(name, command.overrides, RunMode.RUN)
    if config.hydra.mode is RunMode.MULTIRUN:  # says an experiment
        sweep(name, parsed, hydra, loader)
        return
    from w2s.cli.configuration.checks import ready
    from w2s.cli.run.run_folder import check_output
    from w2s.cli.sweep.launchers import check_launcher

    check_launcher(config, multirun=False)
    check_output(config, multirun=False)
    hydra.run(name, functools.partial(run_single, study=ready(config)), command.overrides)


def run_single(config: DictConfig, study: Any) -> None:
    """The one job of a command without a sweep."""
    from w2s.cli.run.job import run_job

    try:
        with writing():
            run_job(config, study)
    except W2SError as error:
        stop(error)


def sweep(name: str, parsed: Sequence[Override], hydra: Hydra, loader: Loader) -> None:
    """Check what all jobs share, and the first job's settings; our own sweeper, which knows them, checks all the others."""
    overrides = [override.input_line or "" for override in parsed]
    overrides += [] if MULTIRUN in overrides else [MULTIRUN]
    from w2s.cli.configuration.checks import check_hydra, check_settings
    from w2s.cli.run.job import run_one_of_many
    from w2s.cli.run.run_folder import check_output

    config = loader.keep(name, overrides, RunMode.MULTIRUN)
    check_hydra(config, list(config.allow_targets))
    check_output(config, multirun=True)
    check_settings(loader.load_configuration(name, first_job(parsed), RunMode.RUN))
    hydra.multirun(name, run_one_of_many, overrides)


def show(command: Namespace, name: str, hydra: Hydra) -> None:
    """What Hydra's own options print."""
    overrides = command.overrides
    if command.help:
        hydra.app_help(name, get_args_parser(), command)
    elif command.hydra_help:
        hydra.hydra_help(name, get_args_parser(), command)
    elif command.cfg:
        hydra.show_cfg(name, overrides, command.cfg, command.package, command.resolve)
    elif command.info:
        hydra.show_info(command.info, name, overrides)
    else:
        with contextlib.suppress(W2SError):  # of a command that is not written to its end
            hydra.shell_completion(name, overrides)
