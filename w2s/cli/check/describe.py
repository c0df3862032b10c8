"""What the parts of a run are and where, in words, and how much of them would be downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

from w2s.cli.configuration.allowed_targets import find_target
from w2s.dataset.files.formats import column_names
from w2s.dataset.hub import Hub
from w2s.dataset.hub.local_copy import Mirror
from w2s.dataset.images import Images
from w2s.dataset.table import Table
from w2s.identity import visible_files
from w2s.model.checkpoint.config_json import read_config, width_of
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import FILES, HubCheckpoint, weight_bytes
from w2s.store import Store


@singledispatch
def described(part: object) -> tuple[str, int]:
    """A part whose check has passed: what it is and where, and bytes to download."""
    return type(part).__name__, 0


@described.register
def _(part: Table) -> tuple[str, int]:
    file = Path(str(part.path)).expanduser()
    return f"{file}: {len(column_names(file))} columns, {size_text(file.stat().st_size)}", 0


@described.register
def _(part: Images) -> tuple[str, int]:
    place = Path(str(part.path)).expanduser()
    if place.is_file():
        return described.dispatch(Table)(part)
    files = visible_files(place)
    return f"{place}: {len(files):,} files, {size_text(sum(file.stat().st_size for file in files))}", 0


@described.register
def _(part: Hub) -> tuple[str, int]:
    source = part.source()
    if isinstance(source, Mirror):
        files = list(dict.fromkeys(file for files in source.files.values() for file in files))
        size = size_text(sum(file.stat().st_size for file in files))
        return f"{part.id or 'files'} in {part.path}: {', '.join(file.name for file in files)}, {size}", 0
    if source.remembered is not None:
        return f"{source.id}: in the cache, commit {source.remembered[0]}", 0
    return to_download(source.id, "dataset", source.commit, source.files)


@described.register
def _(part: FolderCheckpoint) -> tuple[str, int]:
    config = read_config(part.folder, part.path)
    return f"{part.path}: {config['model_type']}, d = {width_of(config) or '?'}, {size_text(weight_bytes(part))}", 0


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


def tracker_text(node: Mapping[str, Any], allowed: Sequence[str] = ()) -> str:
    """Where the numbers of a run go, from the tracker's node of the configuration."""
    if "known" in node:
        return "; ".join(tracker_text(node["known"][name], allowed) for name in node["use"] if name in node["known"])
    target = find_target(str(node["_target_"]), "tracker", allowed)
    return str(target.destination()) if hasattr(target, "destination") else target.__name__


def free_near(folder: Path) -> int:
    """Free bytes on the disk where `folder` lies, or would."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(existing).free


def size_text(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
