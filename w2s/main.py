"""`python -m w2s.main`, and the console script `w2s`."""

from __future__ import annotations

import os
import sys

from w2s.cli.configuration.spelling import check_spelling
from w2s.errors import W2SError, stop


def main() -> None:
    """Compose, check, run, write; see `--help` for the groups and settings."""
    try:
        check_spelling(sys.argv[1:])
    except W2SError as error:
        stop(error)
    # before a library starts its threads: those that wait for one another sleep, where cores are shared (4 times less
    # processor time in fine-tuning on two busy ones)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from w2s.cli.command_line import run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
