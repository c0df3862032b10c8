"""Sentences of movie reviews, rated by people: real texts, embedded, no download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from w2s.dataset.files.formats import read
from w2s.dataset.roles.dealing import RoleSize, Sizes, deal
from w2s.identity import identity
from w2s.seeding import generator
from w2s.types import Column, Inputs, Sealed, Split, Splits, as_names
from w2s.utils.ranges import checked

FILE = Path(__file__).with_name("embedded") / "movie_reviews.parquet"
STEP = 0.01
"""What one step of a stored vector's whole numbers is worth."""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class MovieReviews:
    """10,070 sentences of movie reviews; the task is whether people find one positive.

    Texts and ratings: the mean of twenty people's ratings from -4 to 4, without those within .5 of 0; C. J. Hutto and
    E. Gilbert, "VADER: a parsimonious rule-based model for sentiment analysis of social media text", ICWSM 2014, under the
    MIT licence (`embedded/LICENSE`). Features: what all-MiniLM-L6-v2 reads of a sentence (mean over tokens), its first 128
    principal components in steps of `STEP`, so that no encoder has to be loaded; `experiments/movie_reviews` makes them.
    """

    provides: ClassVar[frozenset[Column]] = frozenset({"texts", "features"})

    weak_train: RoleSize = 3_500
    pool: RoleSize = 3_500
    validation: RoleSize = 400
    test: RoleSize = 2_670
    limit: RoleSize | None = None
    """At most this many points in each role."""

    def load(self, data_seed: int) -> Splits:
        """All sentences in an order drawn by `data_seed`, dealt into the roles."""
        table = read(FILE)
        steps = np.stack(table.column("vector").combine_chunks().to_numpy(zero_copy_only=False))
        points = Split(
            ids=as_names([f"review-{number}" for number in table.column("id").to_pylist()]),
            inputs=Inputs(features=STEP * steps, texts=tuple(table.column("text").to_pylist())),
            labels=Sealed((table.column("rating").to_numpy() > 0).astype(np.int64)),
        )
        order = generator(data_seed, "movie_reviews", "order").permutation(len(points))
        return deal(
            points.take(order),
            Sizes.of(self),
            classes=("negative", "positive"),
            provenance=(("data", "movie review snippets of VADER, MIT licence"),),
        )
