"""Fills the store and nothing else: one part of the texts for each job of a sweep."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from w2s.errors import require
from w2s.identity import identity
from w2s.pool.preparation import Preparation
from w2s.protocols import StoredEncoder
from w2s.results.recorder import Recorder
from w2s.types import Inputs
from w2s.utils.ranges import Count, CountOrZero, checked


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Encode:
    """Computes the vectors that a preparation of any seed will need.

    With `shards` = S, the jobs `shard` = 0 ... S-1 divide the points among themselves, each writing files of its own. They
    may run at the same time, on several machines of one file system; a later run of any study simply finds the vectors.
    """

    preparation: Preparation
    shards: Count = 1
    """Parts."""
    shard: CountOrZero = 0
    """The part of this job, 0 ... shards - 1."""

    def __post_init__(self) -> None:
        require(
            self.shard < self.shards,
            f"shard={self.shard}: the parts are 0 to {self.shards - 1}; all: study.shard='range(0,{self.shards})'.",
        )

    def run(self, recorder: Recorder) -> None:
        """Fill the store with this job's part."""
        recipe = self.preparation
        with recorder.stage("data"):
            splits = recipe.dataset.load(recipe.data_seed)
        roles = [split.inputs for split in (splits.weak_train, splits.pool, splits.validation, splits.test)]
        inputs = Inputs.concatenate(roles)
        for name, model in (("weak", recipe.weak_model), ("strong", recipe.strong_model)):
            if not isinstance(model.representation, StoredEncoder):
                recorder.skip(f"{name} model", "its representation depends on the data it is fitted on, so it is not stored")
                continue
            with recorder.stage(f"{name} vectors"):
                stats = model.representation.fill(inputs, shard=self.shard, shards=self.shards)
            recorder.record({f"encode/{name}/{what}": count for what, count in asdict(stats).items()})
