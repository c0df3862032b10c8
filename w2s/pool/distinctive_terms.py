"""The words or columns that set a region apart from the rest of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from w2s.types import KNOWN_REGIONS, BoolArray, FloatArray, Inputs, IntArray

if TYPE_CHECKING:
    import pandas as pd

MOST_TERMS = 10
"""Words or columns named for each region."""
LEAST_COUNT = 5
"""Points that a word stands in, and that a region and the rest hold, at least."""
MOST_POINTS = 20_000
"""Points that are looked at, the first of the pool."""


def region_terms(inputs: Inputs, regions: IntArray, columns: Sequence[str]) -> pd.DataFrame:
    """Where each region differs most from all other points, for (n,) `Region` codes; `columns` names features.

    Of texts: words that more of the region's points hold, `inside` and `outside` being the shares that do, and `z` the log
    odds ratio over its standard error, 1/2 added to each count. Of feature columns: means, and Welch's z, of either sign.
    What is named was chosen among many for its size: it describes, and is no test.

    Returns:
        Columns region, term, inside, outside, z.
    """
    import pandas as pd

    regions, inputs = regions[:MOST_POINTS], inputs.take(slice(0, MOST_POINTS))
    rows: list[tuple[str, str, float, float, float]] = []
    names, table = _terms(inputs, columns)
    for region in KNOWN_REGIONS if names else ():
        inside = regions == region
        if min(inside.sum(), (~inside).sum()) < LEAST_COUNT:
            continue
        first, second, z = _shares(table, inside) if inputs.texts is not None else _means(table, inside)
        size = z if inputs.texts is not None else np.abs(z)
        for k in np.argsort(-size, kind="stable")[:MOST_TERMS]:
            if size[k] > 0:
                rows.append((region.name.lower(), names[k], float(first[k]), float(second[k]), float(z[k])))
    return pd.DataFrame(rows, columns=["region", "term", "inside", "outside", "z"])


def _terms(inputs: Inputs, columns: Sequence[str]) -> tuple[Sequence[str], FloatArray]:
    """Names of t words or columns, and (n, t) which points hold the words, sparse, or their values."""
    if inputs.texts is not None:
        from sklearn.feature_extraction.text import CountVectorizer

        reader = CountVectorizer(binary=True, min_df=LEAST_COUNT, token_pattern=r"(?u)\b\w+\b")
        try:
            table = reader.fit_transform(inputs.texts)
        except ValueError:  # no word stands in so many points
            return [], np.zeros((0, 0))
        return reader.get_feature_names_out().tolist(), table
    if inputs.features is None:
        return [], np.zeros((0, 0))
    return columns, np.asarray(inputs.features, dtype=np.float64)


def _shares(table: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(t,) shares of points that hold each word, in the region and elsewhere, and z of the log odds ratio."""
    held = [np.asarray(table[part].sum(axis=0)).ravel() + 0.5 for part in (inside, ~inside)]
    without = [part.sum() + 1.0 - counts for part, counts in zip((inside, ~inside), held, strict=True)]
    difference = np.log(held[0] / without[0]) - np.log(held[1] / without[1])
    z = difference / np.sqrt(sum(1 / counts for counts in (*held, *without)))
    return (held[0] - 0.5) / inside.sum(), (held[1] - 0.5) / (~inside).sum(), z


def _means(table: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(t,) means of each column in the region and elsewhere, and z of their difference; 0 of a column that is constant."""
    parts = [table[part] for part in (inside, ~inside)]
    means = [part.mean(axis=0) for part in parts]
    spread = np.sqrt(sum(part.var(axis=0, ddof=1) / len(part) for part in parts))
    return means[0], means[1], np.divide(means[0] - means[1], spread, out=np.zeros_like(spread), where=spread > 0)
