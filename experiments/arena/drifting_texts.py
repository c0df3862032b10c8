"""A table whose sources drift, dealt from the points of a run on that table without dates.

python experiments/arena/drifting_texts.py outputs/RUN table.csv drifting.csv

The points of the run's pool become three sources in six months, 85, 65 and 45 % of which lie outside the hard region, the
order changing after two months and after four; rows with a label are of any source and month. The table has a column `id`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SHARES = [(0.85, 0.65, 0.45)] * 2 + [(0.45, 0.85, 0.65)] * 2 + [(0.65, 0.45, 0.85)] * 2
"""Of points outside the hard region, by month and source."""
SOURCES = ("mail", "chat", "forum")


def main(run: Path, table: Path, target: Path) -> None:
    """Read `run` and `table`, write `target`."""
    points = pd.read_parquet(run / "points.parquet", columns=["id", "split", "region"]).query("split == 'pool'")
    draw = np.random.default_rng(5)
    hard = points["region"] == "hard"
    piles = [draw.permutation(points.loc[part, "id"]).tolist() for part in (~hard, hard)]
    wanted = np.array([[sum(shares), len(SOURCES) - sum(shares)] for shares in SHARES]).sum(axis=0)
    size = int(min(len(pile) / share for pile, share in zip(piles, wanted, strict=True)))
    place: dict[str, tuple[str, int]] = {}
    for month, shares in enumerate(SHARES, start=1):
        for source, share in zip(SOURCES, shares, strict=True):
            first = round(share * size)
            for pile, count in zip(piles, (first, size - first), strict=True):
                place |= {pile.pop(): (source, month) for _ in range(min(count, len(pile)))}
    frame = pd.read_csv(table)
    labelled = set(frame["id"]) - set(points["id"])
    place |= {each: (str(draw.choice(SOURCES)), int(draw.integers(1, 7))) for each in sorted(labelled)}
    frame = frame[frame["id"].isin(place)]
    found = [place[each] for each in frame["id"]]
    frame.assign(source=[each[0] for each in found], created=[f"2026-{each[1]:02}-15" for each in found]).to_csv(
        target, index=False
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
