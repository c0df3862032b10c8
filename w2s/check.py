"""`python -m w2s.check OVERRIDES`: what a run, or every job of a sweep, would need, without starting it.

Opens ids, columns, checkpoints, disk and keys, says what is missing and how to get it, loads no model and costs seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from omegaconf import DictConfig

from w2s.cli import resolvers
from w2s.cli.build import build
from w2s.cli.described import described, free_near, size_text, tracker_text
from w2s.cli.output import check_output
from w2s.cli.overrides import check_choices, compose_checked, composer, first_job, parse
from w2s.cli.places import nodes, parts, short
from w2s.cli.plain import plain
from w2s.cli.preflight import preflight
from w2s.cli.readiness import check_kinds, checking
from w2s.cli.study import build_study, study_nodes
from w2s.cli.sweep import expand
from w2s.errors import W2SError
from w2s.identity import digest
from w2s.store import Store

State = Literal["ready", "to fetch", "missing"]
OWN = ("study", "preparation")
"""What brings the choices together."""
NOTHING = "nothing to fetch"
STYLE = {"ready": "green", "to fetch": "yellow", "missing": "bold red"}


@dataclass(frozen=True)
class Finding:
    """One thing that a run would need."""

    group: str
    """The setting that asks for it, as on the command line."""
    state: State
    text: str
    """What it is and where; or what is wrong and how to mend it."""
    size: int = 0
    """Bytes to download."""


def findings(arguments: Sequence[str], config_dir: str | None = None, *, multirun: bool = False) -> list[Finding]:
    """What the command would need, each thing once however many jobs share it.

    Args:
        arguments: overrides as for `w2s.main`, ranges included.
        config_dir: a folder with configurations of one's own.
        multirun: whether the command is a sweep, for its folder.
    """
    found: dict[str, Finding] = {}
    try:
        with composer(config_dir):
            parsed = parse(arguments)
            check_choices(parsed)
            first = compose_checked(first_job(parsed), "config")
            for job in expand(arguments, first.hydra.sweeper.get("params")):
                config = compose_checked(job, "config")
                preflight(config)
                check_output(config, multirun=multirun)
                for group, node in used(config):
                    key = digest(plain(config)[group])
                    if f"{group} {key} 0" not in found:
                        found |= {f"{group} {key} {i}": finding for i, finding in enumerate(examine(group, node))}
                found |= {f"study {finding.text}": finding for finding in joined(config, found.values())}
    except W2SError as error:
        found["config"] = Finding("config", "missing", str(error))
    distinct = list({(finding.group, finding.text): finding for finding in found.values()}.values())
    return [*distinct, *rooms(distinct)]


def used(config: DictConfig) -> Iterator[tuple[str, DictConfig]]:
    """The choices that the study is built from, and the tracker."""
    root = plain(config)
    found = nodes({name: root[name] for name in study_nodes(root)})
    groups = dict.fromkeys(short(where, root).split(".")[0] for where, _ in found)
    for group in (*groups, "tracker"):
        if group not in OWN and isinstance(root.get(group), Mapping):
            yield group, config[group]


def examine(group: str, node: DictConfig) -> Iterator[Finding]:
    """Build a choice and check its parts, without loading anything."""
    try:
        choice = build(node)
    except W2SError as error:
        yield Finding(group, "missing", str(error))
        return
    if group == "tracker":
        yield Finding(group, "ready", tracker_text(str(node.get("_target_"))))
        return
    checked = [part for _, part in parts(choice) if checks(part)]
    for part in checked:
        try:
            part.check()
            if any(checks(inner) for _, inner in parts(part) if inner is not part):
                continue  # what is needed is said of its parts
            text, size = described(part)
            yield Finding("store" if isinstance(part, Store) else group, "to fetch" if size else "ready", text, size)
        except W2SError as error:
            yield Finding(group, "missing", str(error))
    if not checked:
        yield Finding(group, "ready", NOTHING)


def joined(config: DictConfig, found: Iterable[Finding]) -> Iterator[Finding]:
    """What is wrong with the choices together: asked once nothing is missing of each."""
    if any(finding.state == "missing" for finding in found):
        return
    root = plain(config)
    try:
        build(config.store).check()
        study = build_study(config)
        check_kinds(study, config)
        own = [part for where, part in checking(study) if short(where, root).split(".")[0] in OWN]
        for part in own:
            part.check()
    except W2SError as error:
        yield Finding("study", "missing", str(error))


def checks(part: object) -> bool:
    """Whether a part says by itself what stands in its way."""
    return callable(getattr(part, "check", None))


def rooms(found: Sequence[Finding]) -> Iterator[Finding]:
    """Whether the disk holds what has to be downloaded, and whether the hub knows who asks."""
    needed = sum(finding.size for finding in found)
    if not needed:
        return
    from huggingface_hub import constants, get_token

    folder = Path(constants.HF_HUB_CACHE)
    free = free_near(folder)
    text = f"{folder}: {size_text(needed)} to download, {size_text(free)} free"
    yield Finding("disk", "ready" if free > needed else "missing", text)
    yield Finding(
        "hub", "ready", "logged in" if get_token() else "no token: `hf auth login` for gated or private repositories"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what would be needed; the exit code is 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m w2s.check", description="What would this run need? Loads no model.")
    parser.add_argument("overrides", nargs="*", help="as for w2s.main: group=choice key=value, ranges included")
    parser.add_argument("--multirun", "-m", action="store_true", help="the command is a sweep")
    parser.add_argument("--config-dir", help="a folder with configurations of your own")
    options = parser.parse_intermixed_args(arguments)
    resolvers.register()
    found = findings(options.overrides, options.config_dir, multirun=options.multirun)
    show(found)
    return int(any(finding.state == "missing" for finding in found))


def show(found: Sequence[Finding]) -> None:
    """A line for each thing, what is missing last."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", style="bold", overflow="fold", max_width=24)
    table.add_column("state", no_wrap=True)
    table.add_column("", overflow="fold")
    idle = ", ".join(dict.fromkeys(finding.group for finding in found if finding.text == NOTHING))
    if idle:
        table.add_row(idle, Text("ready", style=STYLE["ready"]), Text(NOTHING))
    for finding in sorted(found, key=lambda finding: finding.state == "missing"):
        if finding.text == NOTHING:
            continue
        table.add_row(finding.group, Text(finding.state, style=STYLE[finding.state]), Text(finding.text))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
