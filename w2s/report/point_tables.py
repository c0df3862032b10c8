"""The tables of the points themselves: regions by source, examples, and what sets a region apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from w2s.report.figures.points import region_shares
from w2s.report.figures.run import has_own_sources
from w2s.report.load import Run
from w2s.report.tables import Cell, Column, Table, number, text
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
    shares = region_shares(points)
    regions = [name for name in ("overlap", "easy", "hard", "unknown") if name in shares]
    rows: list[list[Cell]] = [
        [str(name), int(row["points"]), *(number(row[region], 100) for region in regions)]
        for name, row in shares.head(MOST_SOURCES).iterrows()
    ]
    columns = [Column("source"), Column("pool points", "number", 0)]
    columns += [Column(f"{name}, %", "number", 1) for name in regions]
    caption = "The regions of the pool's points in each of the data's own sources."
    return Table(id="by-source", title="Regions by source", columns=columns, rows=rows, caption=caption)


def examples_section(examples: pd.DataFrame) -> Table:
    """Points of each region to read, with what both models say."""
    shown = "shown" in examples
    pictures = shown and bool(len(examples)) and examples["shown"].str.startswith(PICTURE).all()
    sources = examples["source"].astype(bool).any()
    columns = [
        Column("region"),
        Column("kind", help=KINDS),
        *([Column("source")] if sources else []),
        Column("point", "picture") if pictures else Column("point", wide=True),
        Column("weak label"),
        Column("its probability", "number", 2),
        *([Column("student"), Column("its probability", "number", 2)] if "student" in examples else []),
        *([Column("truth", help="Of test points alone: the pool's is sealed.")] if "truth" in examples else []),
        Column("score", "number", 3, "The detector's overlap score."),
    ]
    rows: list[list[Cell]] = []
    for row in examples.to_dict("records"):
        said: list[Cell] = []
        for model in ("weak", "student"):
            if model in row:
                said += [text(row[model]), number(row[f"{model}_probability"])]
        said += [text(row["truth"])] if "truth" in row else []
        source = [text(row["source"])] if sources else []
        point = text(row["shown"]) if shown else f"point {row['id']}"
        rows.append([text(row["region"]), text(row["kind"]), *source, point, *said, number(row["score"])])
    return Table(id="examples", title="Points to look at", columns=columns, rows=rows, caption=KINDS)


def terms_section(terms: pd.DataFrame) -> Table:
    """Words or columns that differ most between a region and all other points."""
    columns = [
        Column("region"),
        Column("word or column"),
        Column("in the region", "number", 3, "Share of its points that hold the word; or the column's mean."),
        Column("elsewhere", "number", 3),
        Column("z", "number", 1, "Difference over its standard error; chosen for its size among many, so no test."),
    ]
    keys = ("region", "term", "inside", "outside", "z")
    rows = [[row[key] for key in keys] for row in terms.to_dict("records")]
    return Table(id="terms", title="What sets a region apart", columns=columns, rows=rows, folded=True)
