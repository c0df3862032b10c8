"""`python -m w2s.report FOLDER...`: findings, tables, figures and one page from what runs left on disk."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from w2s.errors import W2SError, stop
from w2s.report.collect import Collected, collect
from w2s.report.paper_table import as_csv, as_latex, as_markdown, paper_table
from w2s.report.sweep_page import FORMATS, write
from w2s.report.terminal import print_report
from w2s.report.wandb_workspace import publish
from w2s.report.watch import watch

PAPER: dict[str, Callable[[Collected, str | None, Sequence[str]], str]] = {
    "latex": lambda *asked: as_latex(paper_table(*asked)),
    "markdown": lambda *asked: as_markdown(paper_table(*asked)),
    "csv": as_csv,
}
"""How the table for a paper is written."""


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
    parser.add_argument("--watch", action="store_true", help="of a sweep that runs now: how far it is, until it is done")
    where = "also a workspace and a report on W&B, in this [entity/]project; without it by WANDB_ENTITY, WANDB_PROJECT"
    parser.add_argument("--wandb", nargs="?", const="", metavar="PROJECT", help=where)
    paper = parser.add_argument_group("one table for a paper, on standard output, and nothing else")
    for name in PAPER:
        what = f"settings x metrics in {name}, marks where the joint test tells a setting from --baseline"
        paper.add_argument(f"--{name}", dest="paper", action="store_const", const=name, help=what)
    paper.add_argument(
        "--metrics", metavar="NAME,NAME", help="its columns; without it the metrics that settings are compared by"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if arguments.watch:
            watch(arguments.folders[0])
            return
        collected = collect(arguments.folders, arguments.baseline)
        if arguments.paper is not None:
            names = tuple(filter(None, (arguments.metrics or "").split(",")))
            sys.stdout.write(PAPER[arguments.paper](collected, arguments.baseline, names))
            return
        print_report(collected)
        write(arguments.folders, collected, arguments.out, formats=arguments.format or ())
        if arguments.wandb is not None:
            publish(collected, arguments.folders[0].resolve().name, arguments.wandb or None)
    except W2SError as error:
        stop(error)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
