"""`python -m w2s.check OVERRIDES`: what a run, or every job of a sweep, would need, without starting it.

Opens ids, columns, checkpoints, disk and keys, says what is missing and how to get it, loads no model and costs seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from w2s.cli.check.requirements import NOTHING, Requirement, requirements

STYLE = {"ready": "green", "to fetch": "yellow", "missing": "bold red"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what would be needed; the exit code is 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m w2s.check", description="What would this run need? Loads no model.")
    parser.add_argument("overrides", nargs="*", help="as for w2s.main: group=choice key=value, ranges included")
    parser.add_argument("--multirun", "-m", action="store_true", help="the command is a sweep")
    parser.add_argument("--config-dir", help="a folder with configurations of your own")
    options = parser.parse_intermixed_args(arguments)
    found = requirements(options.overrides, options.config_dir, multirun=options.multirun)
    show(found)
    return int(any(each.state == "missing" for each in found))


def show(found: Sequence[Requirement]) -> None:
    """A line for each thing, what is missing last."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", style="bold", overflow="fold", max_width=24)
    table.add_column("state", no_wrap=True)
    table.add_column("", overflow="fold")
    idle = ", ".join(dict.fromkeys(each.group for each in found if each.text == NOTHING))
    if idle:
        table.add_row(idle, Text("ready", style=STYLE["ready"]), Text(NOTHING))
    for each in sorted(found, key=lambda each: each.state == "missing"):
        if each.text != NOTHING:
            table.add_row(each.group, Text(each.state, style=STYLE[each.state]), Text(each.text))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
