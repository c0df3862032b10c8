"""Make w2s/dataset/embedded/movie_reviews.parquet: texts and ratings as published, and what an encoder reads of them.

python experiments/movie_reviews/make.py movieReviewSnippets_GroundTruth.txt MINILM
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from w2s.dataset.movie_reviews import FILE, STEP
from w2s.model.encoder import FrozenEncoder, checkpoint_at
from w2s.store import Store
from w2s.types import Inputs

COMPONENTS = 128
UNDECIDED = 0.5
"""Mean ratings nearer to 0 say neither."""


def main(published: Path, checkpoint: str) -> None:
    """Write the file."""
    lines = [line.split("\t", 2) for line in published.read_text().splitlines()]
    rows = {text.strip(): (int(number), float(rating)) for number, rating, text in lines if abs(float(rating)) >= UNDECIDED}
    encoder = FrozenEncoder(checkpoint=checkpoint_at(checkpoint, None), store=Store(), pooling="mean", max_tokens=256)
    vectors = encoder.encode(Inputs(texts=tuple(rows))).astype(np.float64)
    centred = vectors - vectors.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:COMPONENTS]
    directions *= np.sign(directions[np.arange(COMPONENTS), np.abs(directions).argmax(axis=1)])[:, None]
    steps = np.rint(centred @ directions.T / STEP)
    sys.stdout.write(f"{len(rows):,} reviews; {(np.abs(steps) > 127).mean():.1e} of the numbers are cut\n")
    numbers, ratings = zip(*rows.values(), strict=True)
    stored = pa.array(steps.clip(-127, 127).astype(np.int8).ravel())
    table = pa.table(
        {
            "id": pa.array(numbers, pa.int16()),
            "rating": pa.array(ratings, pa.float32()),
            "text": pa.array(list(rows)),
            "vector": pa.FixedSizeListArray.from_arrays(stored, COMPONENTS),
        }
    )
    pq.write_table(table, FILE, compression="zstd", compression_level=19, use_dictionary=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
