"""What `results.json` holds: written by a run, read by whoever looks at it."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from annotated_types import Ge

from w2s.errors import DataError
from w2s.utils.sealing import ZEROS, is_whole

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT: Final = 2
"""Raised when a reader of the older format would misread the newer one."""

Fact = str | int | float


def group_name(setting: str, signature: str) -> str:
    """What trackers call all seeds of one setting: readable, with the hash behind."""
    return f"{setting[:80]} {signature}".strip()


@dataclass(frozen=True, kw_only=True)
class RunIdentity:
    """Who a run is, known before it begins."""

    study: str
    experiment: str | None = None
    signature: str
    """What all seeds of one setting share."""
    seed: int
    attempt: Annotated[int, Ge(1)]
    setting: str
    """A name for what is compared, such as the choices that name it."""
    dataset: str = ""
    """The data set's own name, where the study has one."""
    config: dict[str, Any]
    """The resolved configuration."""
    overrides: list[str]
    choices: dict[str, str | None] = field(default_factory=dict)
    """Config group -> choice."""
    command: str = ""
    """The command line that makes this run again, in its folder where that is one of a sweep."""


@dataclass(frozen=True, kw_only=True)
class RunResults(RunIdentity):
    """What a run found and how it ended."""

    format: Literal[2]
    status: Literal["ok", "failed"]
    error: str | None = None
    metrics: dict[str, float | None]
    """Flat; None where a metric is undefined."""
    skipped: dict[str, str]
    """Part of the study -> why it could not be computed."""
    notes: list[str]
    """What a reader of the numbers must know."""
    facts: dict[str, Fact]
    """What data and models were: sizes, class shares, fingerprints, resolved commits."""
    seconds: dict[str, float]
    """Stage -> wall-clock seconds."""
    versions: dict[str, str]
    git: dict[str, str | bool] | None
    files: dict[str, str]
    """Tables and fitted things beside `results.json` -> sha256 of their bytes."""
    sha256: str = field(default=ZEROS, compare=False)
    """Of `results.json` itself, with `ZEROS` in this place; so they stay where nothing sealed it."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  a name that is not known may be one that was damaged

    @property
    def ok(self) -> bool:
        """Whether the run ended well."""
        return self.status == "ok"

    def json(self) -> dict[str, Any]:
        """As `results.json` holds it: how the run ended first."""
        fields = asdict(self)
        first = ("format", "status", "error", "sha256")
        return {name: fields[name] for name in (*first, *(name for name in fields if name not in first))}


def parse_results(content: bytes, path: Path) -> RunResults:
    """The results that the content of a file holds; `path` names it in errors.

    Raises:
        DataError: it is no JSON, of another format, a field is missing, unknown or of the wrong type, or it was changed.
    """
    from pydantic import ValidationError

    try:
        results = _adapter().validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        first = next((each for each in found if each["loc"] == ("format",)), found[0])
        where = ".".join(map(str, first["loc"]))
        raise DataError(
            f"{path}: not the results of a run in format {FORMAT} ({where + ': ' if where else ''}{first['msg']})"
        ) from error
    if results.sha256 != ZEROS and not is_whole(content):
        raise DataError(f"{path}: not the results of a run as it wrote them: a byte was changed")
    return results


@functools.cache
def _adapter() -> TypeAdapter[RunResults]:
    from pydantic import TypeAdapter

    return TypeAdapter(RunResults)
