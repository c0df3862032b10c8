"""How often the intervals of a run and of a report hold the truth: python experiments/coverage/summarise.py."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from simulate import World, halvings, share_within

from w2s.statistics.intervals import Interval, crossed, t_interval
from w2s.statistics.pgr import recovery
from w2s.types import FloatArray

HERE = Path(__file__).parent
SEEDS, POINTS = (3, 5, 10), (200, 1000, 5000)
REPETITIONS = 2000
DRAWS = 8
MODELS = World(accuracy=(0.75, 0.80, 0.88))
"""Weak model, student, ceiling."""
MIXING = World(accuracy=(0.78, 0.80))
"""Students of random non-hard points and of overlap points."""
SELECTION = World(accuracy=(0.78, 0.79))
"""Students of what random sources and the policy bought."""
DENSITY = 0.2
PROCEDURE, TEST_SET, SAMPLE = "new seeds and test points", "new seeds, this test set", "new halvings of this sample"

Row = tuple[str, str, Interval, float]
"""Quantity, what it is about, the interval, the truth."""


def transfer(n: int, seeds: int, rng: np.random.Generator) -> list[Row]:
    """Gain and PGR of a report over seeds."""
    found = recovery(MODELS.answers(MODELS.points(n, rng), seeds, 1, rng)[:, 0])
    weak, student, ceiling = MODELS.accuracy
    rows = [("gain", PROCEDURE, as_interval(found, "gain"), student - weak)]
    if found["pgr/defined"]:
        rows.append(("PGR", PROCEDURE, as_interval(found, "pgr"), (student - weak) / (ceiling - weak)))
    return rows


def as_interval(found: dict[str, float | None], name: str) -> Interval:
    """Three metrics as an interval."""
    value, low, high = (found[key] for key in (name, f"{name}/low", f"{name}/high"))
    assert value is not None
    assert low is not None
    assert high is not None
    return Interval(value, low, high)


def compared(name: str, world: World, n: int, seeds: int, rng: np.random.Generator, *, draws: int) -> list[Row]:
    """A difference between two kinds of students: in the run of the first seed, and in a report over seeds.

    `draws` of the second kind; the selection has one student of its policy, and the mixing as many on either side.
    """
    points = world.points(n, rng)
    right = world.answers(points, seeds, DRAWS, rng).astype(np.float64)
    difference = right[:, :, :, 0] * -1 + right[:, :draws, :, 1]
    here, everywhere = world.on(points), world.accuracy
    per_seed = difference.mean(axis=(1, 2))
    rows = [
        (name, TEST_SET, t_interval(per_seed), here[1] - here[0]),
        (name, PROCEDURE, t_interval(per_seed), everywhere[1] - everywhere[0]),
        (
            f"{name}, crossed",
            PROCEDURE,
            crossed(difference.mean(axis=1)[:, :, None]).interval(),
            everywhere[1] - everywhere[0],
        ),
    ]
    if seeds == SEEDS[0]:
        run = crossed(difference[0][:, :, None]).interval()
        rows.append((f"{name}, one run", PROCEDURE, run, everywhere[1] - everywhere[0]))
    return rows


def density(n: int, seeds: int, rng: np.random.Generator) -> list[Row]:
    """The overlap density of a report over seeds, n points in each pool."""
    *pools, sample = halvings(DENSITY, n, seeds, rng)
    interval = t_interval(np.array(pools))
    return [("density", SAMPLE, interval, sample), ("density", "new samples", interval, DENSITY)]


def main() -> None:
    """Write results.csv and figure.png beside this file."""
    table = []
    for n in POINTS:
        for seeds in SEEDS:
            rng = np.random.default_rng([n, seeds])
            found: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
            for _ in range(REPETITIONS):
                rows = transfer(n, seeds, rng) + density(n, seeds, rng)
                rows += compared("mixing gain", MIXING, n, seeds, rng, draws=DRAWS)
                rows += compared("selection gain", SELECTION, n, seeds, rng, draws=1)
                for name, about, interval, truth in rows:
                    found[name, about].append((interval.low, interval.high, truth))
            for (name, about), values in found.items():
                table.append({"interval": name, "about": about, "points": n, "seeds": seeds, **scores(np.array(values))})
            sys.stdout.write(f"{n} points, {seeds} seeds\n")
    frame = pd.DataFrame(table).sort_values(["interval", "about", "points", "seeds"])
    frame.round(4).to_csv(HERE / "results.csv", index=False)
    draw(frame)


def scores(values: FloatArray) -> dict[str, float]:
    """Coverage with its standard error, mean half-width and share of defined intervals, of (r, 3) low, high, truth."""
    low, high, truth = values.T
    coverage = share_within(low, high, truth)
    error = float(np.sqrt(coverage * (1 - coverage) / len(values)))
    return {
        "coverage": coverage,
        "se": error,
        "half_width": float(np.mean(high - low) / 2),
        "defined": len(values) / REPETITIONS,
    }


def draw(frame: pd.DataFrame) -> None:
    """Coverage by seeds, one line for each number of points."""
    mpl.use("Agg")
    kinds = [kind for kind, rows in frame.groupby(["interval", "about"]) if rows["seeds"].nunique() > 1]
    figure, panels = plt.subplots(2, 5, figsize=(16, 5.5), sharey=True, layout="constrained")
    for panel, kind in zip(panels.flat, kinds, strict=True):
        rows = frame[(frame["interval"] == kind[0]) & (frame["about"] == kind[1])]
        for n, each in rows.groupby("points"):
            panel.plot(each["seeds"], each["coverage"], marker="o", label=f"{n} points")
        panel.axhline(0.95, color="black", linewidth=0.8, linestyle=":")
        panel.set(title=f"{kind[0]}:\n{kind[1]}", xlabel="seeds", xticks=SEEDS)
    panels[0, 0].set(ylabel="coverage", ylim=(0.4, 1.0))
    panels[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(HERE / "figure.png", dpi=130)


if __name__ == "__main__":
    main()
