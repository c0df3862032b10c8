"""Names that bite are shown as they are, and do nothing."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2s.utils.text import LONGEST, for_csv, for_figure, for_latex, for_markdown, for_terminal, printable, texts_for_csv

NAMES = [
    "[/red]",
    "[reddit]",
    r"$\frac{$",
    "\x1b[31mred\x1b[0m",
    '=HYPERLINK("x")',
    "<script>alert(1)</script>",
    "a|b",
    "_x_",
]


def shown(name: str) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=False, width=200)
    console.print(for_terminal(name))
    return console.file.getvalue().rstrip("\n")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_the_terminal_shows_the_name_and_obeys_nothing_in_it(name: str) -> None:
    assert shown(name) == name.replace("\x1b", r"\x1b")


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_draws_the_name(name: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0, 0, for_figure(name))
    for form in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=form)
    svg = io.StringIO()
    figure.savefig(svg, format="svg")
    assert "frac" in svg.getvalue() or "$" not in name


@given(st.text())
def test_what_is_printable_is_one_short_line_that_can_be_written(text: str) -> None:
    line = printable(text)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 10 * LONGEST
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
    line.encode("utf-8")


def test_plain_names_stay_what_they_are_and_long_ones_lose_their_middle() -> None:
    for name in ("refined_belief", "Æ 漢字 👩‍🔬", "detector.quantile=0.5"):
        assert printable(name) == name == for_csv(name)
    cut = printable("a" * 1_000_000 + "b")
    assert len(cut) <= LONGEST
    assert cut.startswith("aaa")
    assert cut.endswith("b")


def test_lone_surrogates_and_turned_directions_are_escaped() -> None:
    assert printable("a\ud800b\u202ec") == r"a\ud800b\u202ec"


def test_markdown_has_no_markup_left() -> None:
    assert for_markdown("<b>*x*</b> | `y`") == r"\<b\>\*x\*\</b\> \| \`y\`"
    assert for_markdown("refined_belief _x_") == r"refined_belief \_x\_"


def test_latex_has_no_command_left() -> None:
    assert for_latex(r"50 % of a_b & \input{x}") == r"50 \% of a\_b \& \textbackslash{}input\{x\}"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_is_a_formula(name: str) -> None:
    assert for_csv(name).lstrip()[0] not in "=+-@"
    assert [*texts_for_csv(pd.DataFrame({name: [1]}))] == [for_csv(name)]
