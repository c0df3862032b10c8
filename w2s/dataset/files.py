"""Which files of a folder, or of a repository on the hub, hold a split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from w2s.dataset.reading import SUFFIXES, kind
from w2s.errors import DataError, suggestion
from w2s.identity import hidden

PART = re.compile(r"-(\d{5})-of-(\d{5})")
"""How files are named that hold one part of several."""

SAME = {"validation": ("validation", "valid", "val", "dev")}
"""Other names that published files use for a split."""


def listing(folder: Path) -> tuple[str, ...]:
    """Names of all files below `folder`, relative to it, in order; hidden ones and what lies in hidden folders left out."""
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return tuple(sorted(file.as_posix() for file in files if not hidden(file)))


def split_files(names: Sequence[str], split: str, *, subset: str | None, where: str, card: str = "") -> tuple[str, ...]:
    """The files that hold `split`, one format only, in order.

    The repository's card decides where it lists data files. Else a file holds the split when it is called after it
    (`test.csv`, `test-00000-of-00002.parquet`) or lies in a folder that is (`plain_text/test/0000.parquet`), and belongs
    to `subset` when a folder above it has that name.

    Args:
        names: relative paths with `/`.
        split: its name on the hub.
        subset: the hub's configuration, or None for the only or default one.
        where: what a message calls the place.
        card: the text of the repository's README.md.

    Raises:
        DataError: nothing holds it, or a part of it is missing; the message lists what is there.
    """
    if any(name.endswith(".py") for name in names) and not any(kind(Path(name)) for name in names):
        raise DataError(
            f"{where} is a loading script, and scripts are never run.\nTry its parquet copy: revision=refs/convert/parquet."
        )
    readable = [name for name in names if kind(Path(name)) and not hidden(Path(name))]
    declared = _declared(card, split, subset)
    if declared:
        found = [name for name in readable if any(fnmatchcase(name, pattern) for pattern in declared)]
    else:
        found = [name for name in _of_subset(readable, subset) if _holds(name, split)]
    if not found:
        raise DataError(_nothing(readable, split, subset, where))
    formats = {kind(Path(name)) for name in found}
    best = next(suffix for suffix in SUFFIXES if suffix in formats)
    chosen = tuple(sorted(name for name in found if kind(Path(name)) == best))
    _refuse_gaps(chosen, where)
    return chosen


def _of_subset(names: Sequence[str], subset: str | None) -> list[str]:
    inside = [name for name in names if subset in PurePosixPath(name).parts[:-1]]
    return inside or list(names)


def _holds(name: str, split: str) -> bool:
    path = PurePosixPath(name)
    stem = path.name.split(".")[0]
    return any(stem == word or stem.startswith(f"{word}-") or path.parent.name == word for word in SAME.get(split, (split,)))


def _refuse_gaps(names: Sequence[str], where: str) -> None:
    """Refuse a split that lacks a part of those that its files' names count."""
    there = {(name[: part.start()], int(part[2]), int(part[1])) for name in names if (part := PART.search(name))}
    for begin, parts in {(begin, parts) for begin, parts, _ in there}:
        for i in range(parts):
            if (begin, parts, i) not in there:
                raise DataError(f"{where} lacks {begin}-{i:05d}-of-{parts:05d}: a part of the split. Complete the copy.")


def _nothing(names: Sequence[str], split: str, subset: str | None, where: str) -> str:
    if not names:
        return f"{where} holds no parquet, csv or jsonl file."
    words = {PurePosixPath(name).name.split(".")[0].split("-0")[0] for name in names}
    words |= {PurePosixPath(name).parent.name for name in names} - {""}
    of = f" of subset '{subset}'" if subset else ""
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"{where} has no file of the split '{split}'{of}.{suggestion(split, words)}\nIt holds: {listed}."


def _declared(card: str, split: str, subset: str | None) -> tuple[str, ...]:
    """Patterns of the files that a repository's card names for the split; none where it names none."""
    configs = [config for config in _front_matter(card).get("configs") or () if isinstance(config, dict)]
    chosen = [config for config in configs if config.get("config_name", "default") == (subset or "default")]
    if not chosen and subset is None:
        chosen = [config for config in configs if config.get("default")] or (configs if len(configs) == 1 else [])
    patterns: list[str] = []
    for entry in (chosen[0].get("data_files") or ()) if chosen else ():
        if isinstance(entry, dict) and entry.get("split") == split:
            path = entry.get("path") or ()
            patterns.extend([path] if isinstance(path, str) else path)
    return tuple(patterns)


def _front_matter(card: str) -> dict[str, Any]:
    if not card.startswith("---"):
        return {}
    import yaml

    loaded = yaml.safe_load(card.split("---", 2)[1])
    return loaded if isinstance(loaded, dict) else {}
