"""What makes two things the same: content hashes, and which settings of a class change its results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T", bound=Callable[..., Any])

IDENTITY = "__w2s_identity__"


@dataclass(frozen=True)
class Identity:
    """How a config choice enters a run's signature."""

    version: int = 1
    """Raised by hand when the code changes its results, so that older runs and stored values are not taken for new ones."""
    runtime: frozenset[str] = frozenset()
    """Arguments that change speed or place but not results: device, batch size, store."""
    content: frozenset[str] = frozenset()
    """Arguments that name a file or folder; its content enters, its path does not."""
    behind: Callable[[Mapping[str, Any]], Iterable[Path]] | None = None
    """Further files by the arguments, such as pictures that a table names: their content enters, in this order."""


def identity(
    *,
    version: int = 1,
    runtime: tuple[str, ...] = (),
    content: tuple[str, ...] = (),
    behind: Callable[[Mapping[str, Any]], Iterable[Path]] | None = None,
) -> Callable[[T], T]:
    """Decorate a config choice (class or function) with its `Identity`."""

    def mark(target: T) -> T:
        setattr(target, IDENTITY, Identity(version, frozenset(runtime), frozenset(content), behind))
        return target

    return mark


def identity_of(target: Any) -> Identity:
    """The `Identity` a config choice was decorated with, or the plain one."""
    found = getattr(target, IDENTITY, None)
    return found if isinstance(found, Identity) else Identity()


def digest(value: Any) -> str:
    """sha256 of the canonical JSON of `value`, as 64 hex digits."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def content_hash(path: Path) -> str:
    """sha256 of a file's bytes, or of a folder's relative names and bytes, as 64 hex digits; hidden files do not count.

    Raises:
        FileNotFoundError: there is neither a file nor a folder.
    """
    if not path.is_dir():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    return digest([(file.relative_to(path).as_posix(), content_hash(file)) for file in visible_files(path)])


def visible_files(folder: Path) -> list[Path]:
    """All files below a folder, sorted; hidden ones and those in hidden folders are left out."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and not hidden(file.relative_to(folder)))


def hidden(path: Path) -> bool:
    """Whether any part of the relative `path` starts with a dot."""
    return any(part.startswith(".") for part in path.parts)
