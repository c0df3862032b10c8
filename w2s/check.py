"""`python -m w2s.check OVERRIDES`: what a run, or every job of a sweep, would need, without starting it.

Opens ids, columns, checkpoints, disk and keys, says what is missing and how to get it, loads no model and costs seconds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig

from w2s.app import resolvers
from w2s.app.build import build
from w2s.app.overrides import check_choices, compose_checked, composer, first_job, parse
from w2s.app.places import nodes, parts, short
from w2s.app.plain import plain
from w2s.app.preflight import preflight
from w2s.app.readiness import checking
from w2s.app.sweep import expand
from w2s.dataset.hub import Hub
from w2s.dataset.reading import column_names
from w2s.dataset.table import Table
from w2s.errors import W2SError
from w2s.identity import digest
from w2s.model.encoder.checkpoint import FolderCheckpoint, read_config
from w2s.model.encoder.hub import FILES, HubCheckpoint
from w2s.store import Store
from w2s.tracker.wandb import has_key

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


def findings(arguments: Sequence[str], config_dir: str | None = None) -> list[Finding]:
    """What the command would need, each thing once however many jobs share it.

    Args:
        arguments: overrides as for `w2s.main`, ranges included.
        config_dir: a folder with configurations of one's own.
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
    groups = dict.fromkeys(short(where, root).split(".")[0] for where, _ in nodes(root["study"], "study"))
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
        study = build(config.study)
        own = [part for where, part in checking(study) if short(where, root).split(".")[0] in OWN]
        for part in own:
            part.check()
    except W2SError as error:
        yield Finding("study", "missing", str(error))


def checks(part: object) -> bool:
    """Whether a part says by itself what stands in its way."""
    return callable(getattr(part, "check", None))


@singledispatch
def described(part: object) -> tuple[str, int]:
    """A part whose check has passed: what it is and where, and bytes to download."""
    return type(part).__name__, 0


@described.register
def _(part: Table) -> tuple[str, int]:
    file = Path(str(part.path)).expanduser()
    return f"{file}: {len(column_names(file))} columns, {size_text(file.stat().st_size)}", 0


@described.register
def _(part: Hub) -> tuple[str, int]:
    if part.path is not None:
        files = part.local_files()
        size = size_text(sum(file.stat().st_size for file in files))
        return f"{part.id or 'files'} in {part.path}: {', '.join(file.name for file in files)}, {size}", 0
    repository = part.repository()
    folder = repository.cached()
    if folder is not None:
        return f"{part.id}: in the cache, commit {folder.name}", 0
    return to_download(str(part.id), "dataset", part.revision, repository.files())


@described.register
def _(part: FolderCheckpoint) -> tuple[str, int]:
    config = read_config(part.folder, part.path)
    size = sum(file.stat().st_size for file in part.folder.glob("*.safetensors"))
    return f"{part.path}: {config['model_type']}, d = {width(config)}, {size_text(size)}", 0


@described.register
def _(part: HubCheckpoint) -> tuple[str, int]:
    return to_download(part.name, "model", part.revision, FILES)


@described.register
def _(part: Store) -> tuple[str, int]:
    return f"{part.folder}: {size_text(free_near(part.folder))} free", 0


def to_download(name: str, kind: str, revision: str | None, patterns: Sequence[str]) -> tuple[str, int]:
    """Text and bytes of what a download would fetch; nothing is fetched."""
    from huggingface_hub import snapshot_download

    files = snapshot_download(name, repo_type=kind, revision=revision, allow_patterns=list(patterns), dry_run=True)
    size = sum(file.file_size or 0 for file in files if file.will_download)
    return (f"{name}: {size_text(size)} to download" if size else f"{name}: in the cache"), size


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


def tracker_text(target: str) -> str:
    """Where the numbers of a run go."""
    if not target.endswith("WandbTracker"):
        return f"{target.rsplit('.', 1)[-1]}: results stay in the run's folder"
    return "W&B: a key is there" if has_key() else "W&B: no key, so runs stay offline (wandb login)"


def width(config: Mapping[str, Any]) -> Any:
    """Hidden size of an architecture, by whichever name its configuration uses."""
    return next((config[name] for name in ("hidden_size", "n_embd", "d_model") if name in config), "?")


def free_near(folder: Path) -> int:
    """Free bytes on the disk where `folder` lies, or would."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(existing).free


def size_text(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what would be needed; the exit code is 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m w2s.check", description="What would this run need? Loads no model.")
    parser.add_argument("overrides", nargs="*", help="as for w2s.main: group=choice key=value, ranges included")
    parser.add_argument(
        "--multirun", "-m", action="store_true", help="accepted, so that a sweep's command can be checked as it is"
    )
    parser.add_argument("--config-dir", help="a folder with configurations of your own")
    options = parser.parse_args(arguments)
    resolvers.register()
    found = findings(options.overrides, options.config_dir)
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
