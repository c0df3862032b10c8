"""A look at the pool: example points of each region and source, and a map. It describes: no result depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from w2s.errors import ConfigError
from w2s.pool.distinctive_terms import region_terms
from w2s.pool.picks_table import picks_table
from w2s.pool.pool import PreparedPool
from w2s.pool.summary import feature_names, region_names
from w2s.results.files import EXAMPLES, MAP, PICKS, TERMS
from w2s.seeding import generator
from w2s.types import KNOWN_REGIONS, BoolArray, FloatArray, Inputs, IntArray, Partition, Region, Split
from w2s.utils.image_decoding import thumbnail
from w2s.utils.ranges import CountOrZero, checked

if TYPE_CHECKING:
    import pandas as pd

MOST_SOURCES = 8
"""Sources, the largest first, that have examples of their own."""
MOST_ON_MAP = 1_000
"""Points of the pool that are drawn on the map."""
CHARACTERS = 1_000
"""Of a text that is kept."""
COLUMNS = 8
"""Columns of a row of numbers that are kept, those farthest from their means."""
SOME = 100_000
"""Rows, or almost twice as many, that say how unusual a number is."""
SIDE = 64
"""Pixels of a picture that is kept, in width and height."""
Kind = Literal["clearest", "least clear", "student disagrees", "mended", "repeated", "new error"]


Row = tuple[int, str, Kind, int]
"""Position, source, kind, rank."""


@dataclass(frozen=True, kw_only=True)
@checked
class Look:
    """What is kept of the points for people to look at."""

    examples: CountOrZero = 4
    """Points of each region, source and kind; 0: no point of the data is kept."""
    projection: Literal["pca", "umap", "none"] = "pca"
    """How the strong representation becomes the two dimensions of the map."""
    tracked: bool = False
    """Whether the tracker gets examples, words and picks, too."""
    picks: bool = True
    """Whether all points are written by rank with their labels, and unless `examples` is 0 with their texts or columns."""

    def tables(self, prepared: PreparedPool, points: pd.DataFrame | None = None) -> Iterator[tuple[str, pd.DataFrame]]:
        """(name, table) of what there is to look at; `points` is the table of points that the studies have written."""
        if not len(prepared.partition):
            return
        if self.picks:
            bought = None if points is None or "chosen" not in points else points[points["split"] == "pool"]
            yield PICKS, picks_table(prepared, bought, words=self.examples > 0)
        if self.projection != "none":
            yield MAP, point_map(prepared, self.projection)
        if self.examples:
            yield EXAMPLES, example_points(prepared, self.examples)
            names = feature_names(prepared.splits)
            yield TERMS, region_terms(prepared.splits.pool.inputs, prepared.partition.regions, names)


def example_points(prepared: PreparedPool, each: int) -> pd.DataFrame:
    """At most `each` points of every region, source and kind.

    `clearest` and `least clear` go by what makes the region; `student disagrees`, where a student has been trained, by the
    total variation between its answer and the weak label. Test points, whose truth may be seen, follow: weak errors that the
    student `mended` or `repeated`, and its own (`new error`).

    Columns: id, region, source, kind, rank, score, weak, weak_probability, student, student_probability, truth, shown;
    classes by name, `shown` a text, a picture as a data URI, or the most unusual columns of a row.
    """
    import pandas as pd

    partition, weak, student = prepared.partition, prepared.weak_pool, prepared.student_on_pool()
    clear = clearness(prepared)
    orders: dict[Kind, FloatArray] = {"clearest": clear, "least clear": -clear}
    if student is not None:
        orders["student disagrees"] = np.abs(student - weak).sum(axis=1) / 2
    rows: list[Row] = []
    for source, members in _sources(prepared):
        for region in (*KNOWN_REGIONS, Region.UNKNOWN):
            inside = members[partition.regions[members] == region]
            for kind, order in orders.items():
                first = inside[np.argsort(-order[inside], kind="stable")[:each]]
                rows += [(int(i), source, kind, rank) for rank, i in enumerate(first, 1)]
    names = feature_names(prepared.splits)
    found = _told(prepared.splits.pool, partition, rows, weak, student, prepared.splits.classes, names)
    return found if student is None else pd.concat([found, _test_points(prepared, each)], ignore_index=True)


def _test_points(prepared: PreparedPool, each: int) -> pd.DataFrame:
    """Test points where the weak model or the student is wrong, `each` of every region and kind, with the truth."""
    student, weak, truth = prepared.student_answers_to(prepared.strong_test), prepared.weak_test, prepared.test_labels()
    assert student is not None, "there is a student"
    right = [answers.argmax(axis=1) == truth for answers in (weak, student)]
    kinds: dict[Kind, BoolArray] = {
        "mended": ~right[0] & right[1],
        "repeated": ~right[0] & ~right[1],
        "new error": right[0] & ~right[1],
    }
    rows: list[Row] = []
    for region in (*KNOWN_REGIONS, Region.UNKNOWN):
        for kind, those in kinds.items():
            inside = np.flatnonzero(those & (prepared.test_partition.regions == region))[:each]
            rows += [(int(i), "", kind, rank) for rank, i in enumerate(inside, 1)]
    classes = prepared.splits.classes
    names = feature_names(prepared.splits)
    found = _told(prepared.splits.test, prepared.test_partition, rows, weak, student, classes, names)
    found["truth"] = np.array(classes)[truth[[row[0] for row in rows]]] if rows else None
    return found


def _told(
    split: Split,
    partition: Partition,
    rows: Sequence[Row],
    weak: FloatArray,
    student: FloatArray | None,
    classes: Sequence[str],
    columns: Sequence[str],
) -> pd.DataFrame:
    """What the models say of the points of a split that were chosen."""
    import pandas as pd

    index, names = np.array([row[0] for row in rows], dtype=int), np.array(classes)
    frame = {
        "id": split.ids[index],
        "region": region_names(partition.regions[index]),
        "source": [row[1] for row in rows],
        "kind": [row[2] for row in rows],
        "rank": [row[3] for row in rows],
        "score": partition.score[index],
    }
    for name, answers in (("weak", weak), ("student", student)):
        if answers is not None:
            frame[name] = names[answers[index].argmax(axis=1)]
            frame[f"{name}_probability"] = answers[index].max(axis=1)
    shown = described(split.inputs, index, columns)
    return pd.DataFrame(frame if shown is None else {**frame, "shown": shown})


def clearness(prepared: PreparedPool) -> FloatArray:
    """(n,) how clearly each point belongs to its region.

    Hard points by little confidence, overlap by a high score, easy by a low one; by confidence where there is no score.
    """
    regions, confidence, score = (getattr(prepared.partition, name) for name in ("regions", "confidence", "score"))
    clear: FloatArray = np.where(np.isfinite(score), np.where(regions == Region.EASY, -score, score), confidence)
    clear[regions == Region.HARD] = -confidence[regions == Region.HARD]
    return clear


def _sources(prepared: PreparedPool) -> Iterator[tuple[str, IntArray]]:
    """(name, positions) of the largest sources; all points under no name where the pool has none."""
    sources = prepared.splits.pool.sources
    if sources is None:
        yield "", np.arange(len(prepared.partition))
        return
    names, counts = np.unique(sources, return_counts=True)
    for name in names[np.argsort(-counts, kind="stable")[:MOST_SOURCES]]:
        yield str(name), np.flatnonzero(sources == name)


def described(inputs: Inputs, index: IntArray, names: Sequence[str]) -> list[str] | None:
    """Each point at `index`: its text, its picture as a data URI, or the columns, by `names`, in which it is unusual."""
    if inputs.texts is not None:
        return [inputs.texts[i][:CHARACTERS] for i in index.tolist()]
    if inputs.images is not None:
        return [thumbnail(inputs.images[i], SIDE) for i in index.tolist()]
    if inputs.features is None:
        return None
    some = inputs.features[:: max(1, len(inputs) // SOME)]
    spread = some.std(axis=0)
    unusual = np.abs(inputs.features[index] - some.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    most = np.argsort(-unusual, axis=1, kind="stable")[:, :COLUMNS]
    return [
        ", ".join(f"{names[k]} = {inputs.features[i, k]:.3g}" for k in sorted(columns.tolist()))
        for i, columns in zip(index.tolist(), most, strict=True)
    ]


def point_map(prepared: PreparedPool, projection: Literal["pca", "umap"]) -> pd.DataFrame:
    """Where at most `MOST_ON_MAP` random pool points lie in two dimensions of the strong representation.

    Columns: id, x, y, region, source, weak, confidence; `attrs["axes"]` says what x and y are.

    Raises:
        ConfigError: `umap` is not installed.
    """
    import pandas as pd

    pool, partition = prepared.splits.pool, prepared.partition
    n = len(pool)
    index = np.sort(generator(prepared.seed, "map").permutation(n)[:MOST_ON_MAP])
    strong = prepared.evidence.strong[index]
    places = PROJECTIONS[projection](np.asarray(strong, dtype=np.float64), prepared.seed)
    frame = {
        "id": pool.ids[index],
        "x": places[:, 0],
        "y": places[:, 1],
        "region": region_names(partition.regions[index]),
        "weak": np.array(prepared.splits.classes)[prepared.weak_classes[index]],
        "confidence": partition.confidence[index],
    }
    return pd.DataFrame(frame if pool.sources is None else {**frame, "source": pool.sources[index]})


def _pca(points: FloatArray, seed: int) -> FloatArray:
    """(n, 2) the two directions of largest variance; zeros where there are fewer."""
    from sklearn.decomposition import PCA

    size = min(2, *points.shape)
    found = np.zeros((len(points), 2))
    if size:
        found[:, :size] = PCA(size, random_state=seed).fit_transform(points)
    return found


def _umap(points: FloatArray, seed: int) -> FloatArray:
    """(n, 2) by UMAP with its own defaults (McInnes, Healy and Melville 2018)."""
    try:
        from umap import UMAP
    except ImportError as error:
        raise ConfigError("report.projection=umap needs an extra: pip install 'w2s[map]'; or say pca.") from error
    return np.asarray(UMAP(random_state=seed, n_jobs=1).fit_transform(points))


PROJECTIONS = {"pca": _pca, "umap": _umap}
