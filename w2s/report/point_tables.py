"""The tables of the points themselves: regions by source, examples, and what sets a region apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from w2s.report.figures.points import region_shares
from w2s.report.figures.run import has_own_sources
from w2s.report.load import Run
from w2s.report.tables import Column, Table, frame_table
from w2s.results.files import EXAMPLES, POINTS, TERMS

if TYPE_CHECKING:
    import pandas as pd

MOST_SOURCES = 500
PICTURE = "data:image/png;base64,"
KINDS = (
    "Clearest: overlap by a high score, easy by a low one, hard by little confidence. Least clear: the other end, next to "
    "the threshold. Student disagrees: where its probabilities and the weak model's are farthest apart. Mended, repeated, "
    "new error: test points where the weak model, both or the student are wrong."
)


def point_sections(run: Run) -> Iterator[Table]:
    """What there is to look at of one run's points."""
    points = run.table(POINTS)
    if points is not None and has_own_sources(points, run):
        yield sources_section(points)
    examples, terms = run.table(EXAMPLES), run.table(TERMS)
    if examples is not None:
        yield examples_section(examples)
    if terms is not None:
        yield terms_section(terms)


def sources_section(points: pd.DataFrame) -> Table:
    """Points and regions of each source."""
    shares = region_shares(points).head(MOST_SOURCES)
    regions = [name for name in ("overlap", "easy", "hard", "unknown") if name in shares]
    columns = {"source": Column("source"), "points": Column("pool points", "number", 0)}
    columns |= {name: Column(f"{name}, %", "number", 1) for name in regions}
    shares = shares.assign(**{name: 100 * shares[name] for name in regions}).reset_index()
    caption = "The regions of the pool's points in each of the data's own sources."
    return frame_table(shares, columns, id="by-source", title="Regions by source", caption=caption)


def examples_section(examples: pd.DataFrame) -> Table:
    """Points of each region to read, with what both models say."""
    if "shown" not in examples:
        examples = examples.assign(shown=[f"point {name}" for name in examples["id"]])
    if not examples["source"].astype(bool).any():
        examples = examples.drop(columns="source")
    pictures = bool(len(examples)) and examples["shown"].str.startswith(PICTURE).all()
    columns = {
        "region": Column("region"),
        "kind": Column("kind", help=KINDS),
        "source": Column("source"),
        "shown": Column("point", "picture") if pictures else Column("point", wide=True),
        "weak": Column("weak label"),
        "weak_probability": Column("its probability", "number", 2),
        "student": Column("student"),
        "student_probability": Column("its probability", "number", 2),
        "truth": Column("truth", help="Of test points alone: the pool's is sealed."),
        "score": Column("score", "number", 3, "The detector's overlap score."),
    }
    return frame_table(examples, columns, id="examples", title="Points to look at", caption=KINDS)


def terms_section(terms: pd.DataFrame) -> Table:
    """Words or columns that differ most between a region and all other points."""
    columns = {
        "region": Column("region"),
        "term": Column("word or column"),
        "inside": Column("in the region", "number", 3, "Share of its points that hold the word; or the column's mean."),
        "outside": Column("elsewhere", "number", 3),
        "z": Column("z", "number", 1, "Difference over its standard error; chosen for its size among many, so no test."),
    }
    return frame_table(terms, columns, id="terms", title="What sets a region apart", folded=True)
