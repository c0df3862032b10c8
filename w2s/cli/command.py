"""The program's arguments: options of Hydra's and overrides, in any order."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import NoReturn

from hydra._internal.utils import get_args_parser

from w2s.errors import ConfigError


def read_command(arguments: Sequence[str]) -> Namespace:
    """The options, and all `overrides` wherever they stand.

    Raises:
        ConfigError: an option that does not exist, or lacks its value.
    """

    def refuse(message: str) -> NoReturn:
        raise ConfigError(f"{message[:1].upper()}{message[1:]}. The options: w2s --hydra-help.")

    parser = get_args_parser()
    parser.error = refuse  # type: ignore[method-assign]
    options, unknown = parser.parse_known_intermixed_args(list(arguments))
    for argument in unknown:
        bare = argument.lstrip("-")
        mend = f"A setting is written without dashes: {bare}" if "=" in bare else "A setting is written as key=value"
        raise ConfigError(f"{argument}: there is no such option.\n{mend}. The options: w2s --hydra-help.")
    return options


def options_first(arguments: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """The same arguments in the order that Hydra's own parser wants: overrides last."""
    return [*(argument for argument in arguments if argument not in overrides), *overrides]
