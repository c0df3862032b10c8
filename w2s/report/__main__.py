"""`python -m w2s.report FOLDER...`: findings, tables, figures and one page from what runs left on disk."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from w2s.errors import W2SError, stop
from w2s.report.collect import collect
from w2s.report.sweep import FORMATS, write
from w2s.report.terminal import print_report


def main() -> None:
    """Read the folders of the command line, print what was found, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m w2s.report", description=__doc__)
    folders = "a sweep, a run, or a folder that holds some"
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help=folders)
    parser.add_argument(
        "-o", dest="out", type=Path, metavar="OUT", help="where to write; without it report/ in the first FOLDER"
    )
    parser.add_argument("--format", choices=FORMATS, action="append", help="write this alone; may be given several times")
    parser.add_argument("--baseline", metavar="SETTING", help="compare the other settings with this one, not every pair")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        collected = collect(arguments.folders, arguments.baseline)
        print_report(collected)
        write(arguments.folders, collected, arguments.out, formats=arguments.format or ())
    except W2SError as error:
        stop(error)


if __name__ == "__main__":
    main()
