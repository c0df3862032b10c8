"""`python -m w2s.main`, and the console script `w2s`."""

from __future__ import annotations

import sys

from w2s.cli.spelling import check_spelling
from w2s.errors import W2SError, stop


def main() -> None:
    """Compose, check, run, write; see `--help` for the groups and settings."""
    try:
        check_spelling(sys.argv[1:])
    except W2SError as error:
        stop(error)
    from w2s.cli.command_line import run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
