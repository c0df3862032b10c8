"""How a text comes out of a row."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError, require

if TYPE_CHECKING:
    import pyarrow as pa

PRECISION = re.compile(r"(\.\d{1,6})?")
"""What may follow a column's name in a template: how many characters of the value are shown."""


@dataclass(frozen=True)
class Template:
    """How a text comes out of a row: a column's name, or a text with columns in braces such as `{passage} {claim}`."""

    pattern: str

    def __post_init__(self) -> None:
        try:
            fields = self.fields
        except ValueError as error:
            require(False, f"text='{self.pattern}': {error}. Write columns in braces, and a literal brace twice.")  # noqa: FBT003
            raise
        plain = [field for field in fields if field == "" or set(field) & set(".[")]
        odd = next((f":{how}" for how in self._specifications if not PRECISION.fullmatch(how)), "")
        require(not odd, f"text='{self.pattern}': '{odd[:40]}' cannot follow a column's name; {{name:.200}} can.")
        require(not plain, f"text='{self.pattern}': braces hold one column's name, as in '{{question}} {{answer}}'.")

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Columns that the text is made of, each once."""
        found = [name for _, name, _, _ in string.Formatter().parse(self.pattern) if name is not None]
        return tuple(dict.fromkeys(found)) if found else (self.pattern,)

    @property
    def _specifications(self) -> list[str]:
        """What follows each column's name after a colon or an exclamation mark."""
        parts = string.Formatter().parse(self.pattern)
        return [f"{width or ''}{'!' + how if how else ''}" for _, name, width, how in parts if name is not None]

    def render(self, row: Mapping[str, Any]) -> str:
        """The text of one row; a missing value is empty, a list stands line by line."""
        values = {name: _text(row[name]) for name in self.fields}
        return self.pattern.format_map(values) if "{" in self.pattern else values[self.pattern]


def texts_of(table: pa.Table, pattern: str | None) -> tuple[str, ...] | None:
    """The text of each row; None without a pattern.

    Raises:
        DataError: a text is empty, with its row.
    """
    if pattern is None:
        return None
    template = Template(pattern)
    texts = tuple(template.render(row) for row in table.select(template.fields).to_pylist())
    empty = [row for row, text in enumerate(texts, 1) if not text.strip()]
    if empty:
        raise DataError(f"the text of row {empty[0]} is empty ({len(empty):,} such rows). Remove them.")
    return texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(_text, value)) if isinstance(value, list) else str(value)
