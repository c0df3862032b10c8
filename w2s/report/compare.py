"""Settings against one another on the same seeds, all pairs of a study and data set tested together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.report.aggregate import finished
from w2s.seeding import generator
from w2s.statistics.joint_test import compare

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("student/accuracy", "gain", "mixing/gain", "selection/accuracy", "selection/true_regret", "selection/regret")
MOST_SETTINGS = 30
"""Up to this many settings every pair is compared; beyond, each with the first."""


def comparisons(runs: pd.DataFrame) -> pd.DataFrame:
    """Mean differences of the settings' metrics, paired by seed.

    Returns:
        Columns study, dataset, metric, setting, against, difference, low, high, p, seeds. `low` and `high` are each
        difference's own t interval over seeds; `p` is adjusted for all differences of that study, data set and metric
        (max-T over sign flips). Both are about the shared test set.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (study, dataset), family in finished(runs).groupby(["study", "dataset"], sort=False, dropna=False):
        for metric in COMPARED:
            if metric in family:
                rows += [{"study": study, "dataset": dataset, "metric": metric, **row} for row in _family(family, metric)]
    return pd.DataFrame(rows)


def _family(family: pd.DataFrame, metric: str) -> list[dict[str, Any]]:
    wide = family.pivot_table(index="seed", columns="setting", values=metric, sort=False)
    wide = wide.loc[:, wide.notna().sum() > 1].dropna()
    settings = list(wide.columns)
    if len(settings) < 2 or len(wide) < 2:
        return []
    pairs = (
        list(combinations(range(len(settings)), 2))
        if len(settings) <= MOST_SETTINGS
        else [(k, 0) for k in range(1, len(settings))]
    )
    values = wide.to_numpy(dtype=np.float64)
    first, second = np.array(pairs).T
    differences = values[:, first] - values[:, second]
    if not differences.any():
        return []
    result = compare(differences, generator(0, "report", "compare", metric))
    return [
        {
            "setting": settings[a],
            "against": settings[b],
            "difference": float(mean),
            "low": float(mean - half),
            "high": float(mean + half),
            "p": float(p),
            "seeds": len(wide),
        }
        for (a, b), mean, half, p in zip(pairs, result.mean, result.half_width, result.p, strict=True)
    ]
