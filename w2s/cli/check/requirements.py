"""What a run, or every job of a sweep, would need, without starting it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hydra.types import RunMode
from omegaconf import DictConfig

from w2s.cli.check.describe import described, free_near, size_text, tracker_text
from w2s.cli.configuration.build import PREPARATION, STUDY, build, build_study, study_nodes
from w2s.cli.configuration.checks import built, check_settings, checks_itself
from w2s.cli.configuration.compose import session
from w2s.cli.configuration.overrides import check_choices, first_job, parse
from w2s.cli.configuration.tree import nodes, parts, plain, short
from w2s.cli.run.run_folder import check_output
from w2s.cli.sweep.launchers import check_launcher, runs_here, submitted
from w2s.cli.sweep.plan import expand
from w2s.errors import W2SError
from w2s.identity import digest
from w2s.store import Store
from w2s.study.base import OnPool

State = Literal["ready", "to fetch", "missing"]
OWN = (STUDY, PREPARATION)
"""What brings the choices together."""
NOTHING = "nothing to fetch"


@dataclass(frozen=True)
class Requirement:
    """One thing that a run would need."""

    group: str
    """The setting that asks for it, as on the command line."""
    state: State
    text: str
    """What it is and where; or what is wrong and how to put it right."""
    size: int = 0
    """Bytes to download."""


def requirements(arguments: Sequence[str], config_dir: str | None = None, *, multirun: bool = False) -> list[Requirement]:
    """What the command would need, each thing once however many jobs share it.

    Args:
        arguments: overrides as for `w2s.main`, ranges included.
        config_dir: a folder with configurations of one's own.
        multirun: whether the command is a sweep, for its folder.
    """
    found: list[Requirement] = []
    looked_at: set[tuple[str, str]] = set()
    first: DictConfig | None = None
    seeds: list[int] = []
    try:
        for config in configurations(arguments, config_dir):
            seeds.append(config.seed)
            if first is None:
                first = config
                check_launcher(config, multirun=multirun)
            check_settings(config)
            check_output(config, multirun=multirun)
            for group in used(config):
                choice = (group, digest(plain(config)[group]))
                if choice not in looked_at:
                    looked_at.add(choice)
                    found += examined(config, group)
            found += together(config, found)
    except W2SError as error:
        found.append(Requirement("config", "missing", str(error)))
    distinct = list({(each.group, each.text): each for each in found}.values())
    if first is not None and all(each.state == "ready" for each in distinct):
        distinct += expected(first, seeds)
    return [*distinct, *places(distinct)]


def expected(config: DictConfig, seeds: Sequence[int]) -> Iterator[Requirement]:
    """How large the first job is, what all could show, and what a cluster would be handed."""
    from w2s.cli.check.run_cost import estimates

    here = runs_here(config)
    absent = list(devices(config, here=here))
    yield from absent
    study = build_study(config)
    if isinstance(study, OnPool) and not absent:
        try:
            for each in estimates(study, jobs=len(seeds), seeds=seeds, here=here):
                yield Requirement(each.topic, "ready" if each.fits_here else "missing", each.text)
        except W2SError as error:
            yield Requirement("dataset", "missing", str(error))
    script = submitted(config, len(seeds))
    if script:
        yield Requirement("launcher", "ready", script)


def devices(config: DictConfig, *, here: bool) -> Iterator[Requirement]:
    """Devices that are asked for and not there; those of a cluster's nodes cannot be looked at."""
    root = plain(config)
    for where, node in nodes({name: root[name] for name in study_nodes(root)}):
        device = str(node.get("device") or "auto")
        if here and device not in ("auto", "cpu"):
            from w2s.model.encoder.devices import available_devices

            try:
                available_devices(device)
            except W2SError as error:
                yield Requirement(short(where, root), "missing", str(error))


def configurations(arguments: Sequence[str], config_dir: str | None) -> Iterator[DictConfig]:
    """The configuration of each job of the command.

    Raises:
        ConfigError: a choice, a key or a value that does not fit.
    """
    with session(config_dir) as hydra:
        loader = hydra.config_loader
        parsed = parse(arguments, loader)
        check_choices(parsed, loader)
        first = loader.load_configuration("config", first_job(parsed), RunMode.RUN)
        for job in expand(arguments, loader, first.hydra.sweeper.get("params")):
            yield loader.load_configuration("config", list(job), RunMode.RUN)


def used(config: DictConfig) -> Iterator[str]:
    """The choices that the study is built from, and the tracker."""
    root = plain(config)
    study = nodes({name: root[name] for name in study_nodes(root)})
    groups = dict.fromkeys(short(where, root).split(".")[0] for where, _ in study)
    for group in (*groups, "tracker"):
        if group not in OWN and isinstance(root.get(group), Mapping):
            yield group


def examined(config: DictConfig, group: str) -> Iterator[Requirement]:
    """Build a choice and check its parts, without loading anything."""
    try:
        choice = build(config, group)
    except W2SError as error:
        yield Requirement(group, "missing", str(error))
        return
    if group == "tracker":
        yield Requirement(group, "ready", tracker_text(plain(config)["tracker"], list(config.allow_targets)))
        return
    checked = [part for _, part in parts(choice) if checks_itself(part)]
    for part in checked:
        try:
            part.check()
            if any(checks_itself(inner) for _, inner in parts(part) if inner is not part):
                continue  # what is needed is said of its parts
            text, size = described(part)
            yield Requirement("store" if isinstance(part, Store) else group, "to fetch" if size else "ready", text, size)
        except W2SError as error:
            yield Requirement(group, "missing", str(error))
    if not checked:
        yield Requirement(group, "ready", NOTHING)


def together(config: DictConfig, found: Iterable[Requirement]) -> Iterator[Requirement]:
    """What is wrong with the choices together: asked once nothing is missing of each."""
    if any(each.state == "missing" for each in found):
        return
    try:
        built(config, OWN)
    except W2SError as error:
        yield Requirement("study", "missing", str(error))


def places(found: Sequence[Requirement]) -> Iterator[Requirement]:
    """Whether the disk holds what has to be downloaded, and whether the hub knows who asks."""
    needed = sum(each.size for each in found)
    if not needed:
        return
    from huggingface_hub import constants, get_token

    folder = Path(constants.HF_HUB_CACHE)
    free = free_near(folder)
    text = f"{folder}: {size_text(needed)} to download, {size_text(free)} free"
    yield Requirement("disk", "ready" if free > needed else "missing", text)
    known = "logged in" if get_token() else "no token: `hf auth login` for gated or private repositories"
    yield Requirement("hub", "ready", known)
