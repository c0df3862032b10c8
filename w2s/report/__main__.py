"""`python -m w2s.report FOLDER...`: tables, figures and one page from what runs left on disk."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from w2s.errors import W2SError
from w2s.report.sweep import collect, write
from w2s.report.terminal import print_report


def main() -> None:
    """Read the folders of the command line and write the report into the first."""
    parser = argparse.ArgumentParser(prog="python -m w2s.report", description=__doc__)
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="a sweep, a run, or a folder that holds some"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        collected = collect(arguments.folders)
        print_report(collected.runs, collected.settings)
        write(arguments.folders, collected)
    except W2SError as error:
        sys.exit(f"w2s: {error}")


if __name__ == "__main__":
    main()
