"""Text from elsewhere (names, paths, messages, cells) made safe for the medium it is shown in: one function for each."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text

LONGEST = 300
"""Characters of a text that is shown; of a longer one the middle is left out."""
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that are shown as their escapes: controls, lone surrogates, line separators."""
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn what follows round."""
MARKDOWN = re.compile(r"[\\`*|\[\]<>$~]|(?<!\w)_|_(?!\w)")
LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet takes for a formula."""


def printable(text: object, longest: int = LONGEST) -> str:
    """One line without control characters: white space becomes a space, what cannot be seen its escape, too long is cut."""
    raw = str(text)
    if len(raw) > longest:
        raw = f"{raw[: longest // 2 - 1]} … {raw[-(longest // 2 - 2) :]}"
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(map(_seen, re.sub(r"[\t\r\n\f\v]+", " ", raw)))


def _seen(character: str) -> str:
    hidden = unicodedata.category(character) in UNSEEN or character in DIRECTIONS
    return character.encode("unicode_escape").decode("ascii") if hidden else character


def for_terminal(text: object, style: str = "", longest: int = LONGEST) -> Text:
    """For rich, which would read markup in a plain string, and a terminal, which would obey escape codes."""
    from rich.text import Text

    return Text(printable(text, longest), style)


def for_markdown(text: object) -> str:
    """For a paragraph or a table's cell: no markup, no HTML, no formula."""
    return MARKDOWN.sub(lambda sign: f"\\{sign[0]}", printable(text))


def for_latex(text: object) -> str:
    """For a paragraph or a table's cell."""
    return "".join(LATEX.get(sign, sign) for sign in printable(text))


def for_csv(text: object) -> str:
    """For a cell that a spreadsheet may open: what it would take for a formula begins with an apostrophe."""
    whole = printable(text, longest=32_000)
    return f"'{whole}" if whole.lstrip().startswith(FORMULA) else whole


def texts_for_csv(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text, and every column's name, safe for a spreadsheet."""
    texts = frame.select_dtypes(exclude=["number", "bool"]).columns
    safe = {name: [value if value is None or value != value else for_csv(value) for value in frame[name]] for name in texts}
    return frame.assign(**safe).rename(columns=for_csv)


def for_figure(text: object, longest: int = 60) -> str:
    """For matplotlib, which reads what stands between two dollar signs as a formula."""
    return printable(text, longest).replace("$", r"\$")
