"""What every encoder with a checkpoint does: vectors that are computed once and stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from w2s.errors import require
from w2s.model.checkpoint.loading import check_layers, check_quantised
from w2s.model.encoder.request import Encoding
from w2s.model.encoder.settings import EncoderSettings
from w2s.store.input_hashes import BUCKETS, part_of
from w2s.types import CacheStats, FloatArray, Inputs


class StoredVectors(EncoderSettings):
    """What every encoder with a checkpoint does.

    `check()`, `checkpoint.check()` and `store.check()` say within seconds, without importing torch, what stands in the way.
    """

    def check(self) -> None:
        """Refuse layers that the checkpoint does not have, where its configuration is at hand, and a missing library.

        Raises:
            ModelError: naming the range.
            ConfigError: with the command that installs it.
        """
        check_quantised(self.dtype)
        config = self.checkpoint.config()
        if config is not None:
            check_layers(config, self.layers)

    def fit(self, inputs: Inputs) -> Self:
        """Nothing to fit: the encoder itself."""
        self.items(inputs)
        return self

    def pinned(self) -> Self:
        """The same encoder, whose checkpoint is named by its content: for a model that is saved."""
        return replace(self, checkpoint=self.checkpoint.pinned(self.store))

    @property
    def provenance(self) -> dict[str, str]:
        """What the checkpoint is: the hash of its content, or the commit that its revision means now."""
        return self.checkpoint.identify(self.store)

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d) float32 vectors of the n inputs, from the store where they are known.

        Raises:
            ModelError: the checkpoint cannot be opened, or memory does not hold a single input.
            StoreError: the store is full or cannot be written, and something is missing in it.
        """
        with Encoding(self, self.items(inputs)) as work:
            return work.vectors()

    def fill(self, inputs: Inputs, *, shard: int = 0, shards: int = 1) -> CacheStats:
        """Compute and store what is missing of one of `shards` parts of the inputs; what that cost.

        Parts are divided by the hash of the input, so they never overlap, whatever the order of the inputs.
        """
        require(shards <= BUCKETS, f"study.shards={shards}: inputs are divided into at most {BUCKETS} parts.")
        items = self.items(inputs)
        own = part_of(self.hashes(items), shard=shard, shards=shards)
        with Encoding(self, tuple(items[i] for i in own)) as work:
            return work.fill()
